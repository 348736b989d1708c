"""Whatever file is damaged, the service either says so and does not start, or answers without a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.desk import csrf
from living_personas.errors import LivingPersonasError
from living_personas.http.app import create_app
from living_personas.http.mounts import mounted
from living_personas.http.service import open_service
from living_personas.memory.reference import declared_tables
from living_personas.memory.table import Table
from living_personas.people.keys import create_key
from living_personas.people.person_accounts import add_person
from living_personas.stores.sqlite.examination import examine, opened_parts
from living_personas.wiring import open_context

from .conftest import DAYS, NOON

Run = Callable[..., tuple[int, str, str]]

KEY = "lp_secret_of-the-tests-of-damage"
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
LATER = NOON.replace(day=NOON.day + DAYS)
TABLES = [each.name if isinstance(each, Table) else each.prefix for each in declared_tables()]
BESIDE = ("state.db", "heads.json", "key", "withdrawn.jsonl")
FAST = {("customers", "cut"), ("policies", "delete"), ("state.db", "flip"), ("state.db", "cut"), ("heads.json", "cut")}


def flip(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    bit = Random(7).randrange(len(whole) * 8)  # noqa: S311 - the same every time
    whole[bit // 8] ^= 1 << bit % 8
    path.write_bytes(whole)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


HOW: dict[str, Callable[[Path], None]] = {"flip": flip, "cut": cut, "delete": Path.unlink}


def damaged(shop: Path, kind: str, how: str) -> list[Path]:
    """Damages every file of a kind; those files."""
    with opened_parts(shop / ".living", clock=lambda: NOON) as parts:
        found = [parts.path(part) for part in parts.needed() if part.kind.startswith(kind)]
    paths = found or [shop / ".living" / kind]
    if not all(path.is_file() for path in paths):
        pytest.skip("THE SERVICE IS NOT DRILLED AGAINST DAMAGE OF THESE: this workspace has none")
    for path in paths:
        HOW[how](path)
    return paths


@contextmanager
def visited(shop: Path) -> Iterator[TestClient]:
    """The service with its dashboard, where somebody has signed in."""
    service = open_service(shop, clock=lambda: LATER)
    app = create_app(service, mounts=mounted(shop, service))
    with TestClient(app, raise_server_exceptions=False) as client:
        page = "/dashboard/sign-in"
        signed = client.post(page, data={"csrf": csrf(client.get(page).text), "name": "Ada", "password": PASSWORD})
        assert signed.status_code < 500 or is_said(signed), signed.text
        yield client


def asked(client: TestClient) -> dict[str, Any]:
    bearer = {"Authorization": f"Bearer {KEY}"}
    event = {"type": "track", "event": "Visited", "userId": "customer-1", "messageId": "after"}
    return {
        "/readyz": client.get("/readyz"),
        "/v1/decide": client.post("/v1/decide", json={"customer": "customer-1"}, headers=bearer),
        "/v1/batch": client.post("/v1/batch", json={"batch": [event]}, headers=bearer),
        "/dashboard/": client.get("/dashboard/"),
    }


def is_said(answer: Any) -> bool:
    """Whether an answer of a failure says what is wrong, and what to do."""
    return "Traceback" not in answer.text and ("doctor" in answer.text or "restore" in answer.text)


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        pytest.param(kind, how, marks=() if (kind, how) in FAST else pytest.mark.slow)
        for kind in (*TABLES, *BESIDE)
        for how in HOW
    ],
)
def test_it_says_what_is_damaged_or_answers(shop: Path, personas: Run, kind: str, how: str) -> None:
    context = open_context(shop, clock=lambda: NOON)[1]
    with closing(context.store):
        create_key(context, "secret", KEY, now=NOON)
        add_person(context, "Ada", role="approver", password=PASSWORD, salt=b"salt", n=2)
    paths = damaged(shop, kind, how)
    found = examine(shop / ".living", clock=lambda: LATER, deep=True)
    try:
        with visited(shop) as client:
            answers = asked(client)
    except LivingPersonasError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        assert "doctor" in refusal or "restore" in refusal, refusal
        code, _, err = personas("serve", "--no-worker", "--workspace", shop)
        assert (code, "Traceback" in err) == (1, False), err
        assert any(path.name in err for path in paths), err
        return
    for path, answer in answers.items():
        assert answer.status_code < 500 or is_said(answer), (path, answer.status_code, answer.text)
    if kind in (*TABLES, "state.db"):
        assert {path.name for path in paths} <= {Path(each.place).name for each in found.damages}
