"""One process: the routes, the dashboard for people who sign in, and the tools of agents with a key."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from living_personas.http.app import create_app
from living_personas.http.mounts import mounted
from living_personas.http.service import open_service
from living_personas.loop import cycle
from living_personas.people.keys import create_key
from living_personas.people.person_accounts import add_person
from service.shop import KEYS, NOON, Hands, Served, write_shop

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
MCP = {"Accept": "application/json, text/event-stream"}
WRITES = {"propose_change", "name_segment", "record_outcome"}


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Served]:
    """The shop with everything beside it."""
    folder, clock = write_shop(tmp_path / "shop"), Hands()
    service = open_service(folder, clock=clock)
    create_key(service.context, "publishable", KEYS["publishable"], now=NOON, origins=["https://shop.example"])
    create_key(service.context, "secret", KEYS["secret"], now=NOON)
    create_key(service.context, "admin", KEYS["admin"], now=NOON, note="crm")
    add_person(service.context, "Dana", role="approver", password=PASSWORD, salt=b"0123456789abcdef")
    cycle.run(service.context, now=NOON, owner="tests")
    service.watch.look()
    app = create_app(service, mounts=mounted(folder, service))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield Served(folder, service, client, clock, KEYS)


def tools(served: Served, key: str, path: str = "/mcp") -> tuple[int, set[str]]:
    question = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {**MCP, "Authorization": f"Bearer {key}"} if key else MCP
    answer = served.client.post(path, json=question, headers=headers)
    listed = answer.json()["result"]["tools"] if answer.status_code == 200 else ()
    return answer.status_code, {each["name"] for each in listed}


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_agents_read_with_a_servers_key_and_write_with_an_admins(whole: Served, path: str) -> None:
    status, reading = tools(whole, KEYS["secret"], path)
    assert (status, reading & WRITES, "list_personas" in reading) == (200, set(), True)
    assert tools(whole, KEYS["admin"], path)[1] == reading | WRITES


@pytest.mark.parametrize("key", ["", "nonsense", KEYS["publishable"]])
def test_the_key_of_a_browser_opens_nothing_to_agents(whole: Served, key: str) -> None:
    assert tools(whole, key) == (401, set())


def test_people_sign_in_below_the_dashboards_path(whole: Served) -> None:
    client = whole.client
    assert client.get("/").headers["location"] == client.get("/dashboard").headers["location"] == "/dashboard/"
    assert client.get("/dashboard/").headers["location"].startswith("/dashboard/sign-in")
    page = client.get("/dashboard/sign-in")
    assert "default-src" in page.headers["content-security-policy"]
    form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    signed = client.post("/dashboard/sign-in", data={**form, "name": "Dana", "password": PASSWORD})
    assert signed.status_code == 303, signed.text
    assert "Saver" in client.get("/dashboard/personas").text


def test_a_key_is_no_account_and_no_site_may_ask_the_dashboard(whole: Served) -> None:
    headers = {**whole.bearer("admin"), "Origin": "https://shop.example"}
    answer = whole.client.get("/dashboard/", headers=headers)
    assert answer.status_code == 303
    assert "access-control-allow-origin" not in answer.headers
    assert whole.client.get("/healthz", headers=headers).headers["access-control-allow-origin"]


def test_the_routes_answer_beside_them(whole: Served) -> None:
    assert whole.post("/v1/decide", {"customer": "u1"}).status_code == 200
    assert whole.client.get("/nowhere").status_code == 404


@pytest.mark.parametrize(("missing", "left"), [("mcp", ["/dashboard"]), ("jinja2", ["/mcp"])])
def test_what_is_not_installed_is_not_served(
    served: Served, missing: str, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: Any = None
    monkeypatch.setitem(sys.modules, missing, gone)
    found = mounted(served.folder, served.service)
    assert [each.path for each in found] == left
