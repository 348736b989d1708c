"""A damaged customers file does not keep the service from starting; it says what is wrong, and goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from starlette.testclient import TestClient

from living_personas.http.app import create_app
from living_personas.http.service import open_service
from living_personas.people.keys import create_key
from living_personas.wiring import open_context

from .conftest import DAYS, NOON

KEY = "lp_secret_of-the-tests-of-damage"


def test_the_service_starts_with_a_damaged_customers_file(
    shop: Path, personas: Callable[..., tuple[int, str, str]]
) -> None:
    context = open_context(shop, clock=lambda: NOON)[1]
    with closing(context.store):
        create_key(context, "secret", KEY, now=NOON)
    newest = max((shop / ".living" / "days" / "customers").rglob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(newest.read_bytes()[:-9])
    service = open_service(shop, clock=lambda: NOON.replace(day=NOON.day + DAYS))
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        ready = client.get("/readyz")
        assert (ready.status_code, newest.name in ready.text) == (200, True)
        answer = client.post("/v1/decide", json={"customer": "customer-1"}, headers={"Authorization": f"Bearer {KEY}"})
        assert answer.status_code == 200, answer.text
        event = {"type": "track", "event": "Visited", "userId": "customer-1", "messageId": "after"}
        body = {"batch": [event]}
        assert client.post("/v1/batch", json=body, headers={"Authorization": f"Bearer {KEY}"}).status_code == 200
        assert personas("doctor", "--repair", "--workspace", shop)[0] == 0
        service.watch.look()
        assert "damaged" not in client.get("/readyz").text
