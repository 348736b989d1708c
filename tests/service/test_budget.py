"""What one key sends fills no disk: its bytes are counted once inflated, and quarantine has a most that it holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gzipped import gzipped_bytes
from living_personas.domain.event import Quarantined
from living_personas.http.budget import Budget
from living_personas.loop.recording import quarantine_room
from living_personas.loop.recording.quarantine_room import FULL, Room, no_room_alarms
from living_personas.loop.recording.record import record
from service.shop import NOON, Served, track


@pytest.fixture
def tight(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The shop with a quarantine of 20 rows, ten of which browsers may fill."""
    monkeypatch.setattr(quarantine_room, "MOST_HELD", Room(rows=20, size=1 << 20))
    monkeypatch.setattr(quarantine_room, "MOST_OF_BROWSERS", Room(rows=10, size=1 << 18))
    return served


def bad(count: int, *, first: int = 0, padding: str = "") -> dict[str, Any]:
    """A batch of events of nobody."""
    calls = ({**track(f"m{n}"), "userId": "", "properties": {"text": padding}} for n in range(first, first + count))
    return {"batch": list(calls)}


def test_beyond_its_bytes_of_the_day_a_key_is_told_when_to_come_again(served: Served) -> None:
    body = gzipped_bytes(json.dumps({"batch": [track("m1", properties={"text": "x" * 20_000})]}).encode())
    assert len(body) < 400
    vars(served.service.budget).update(vars(Budget(50_000)))
    statuses = [served.client.post("/v1/batch", content=body, headers=bearer(served)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429], "two bodies of 20,000 bytes fit into 50,000, though they travel as 300"
    refused = served.client.post("/v1/batch", content=body, headers=bearer(served))
    assert int(refused.headers["Retry-After"]) == 12 * 3600 + 1, "at midnight (UTC)"
    assert served.client.post("/v1/batch", content=body, headers=bearer(served, "secret")).status_code == 200
    served.clock.on(days=1)
    assert served.client.post("/v1/batch", content=body, headers=bearer(served)).status_code == 200


def test_rows_of_browsers_leave_room_for_those_of_servers(tight: Served) -> None:
    from_page = tight.client.post("/v1/batch", json=bad(15), headers=bearer(tight)).json()
    assert (from_page["received"], from_page["quarantined"], from_page["refused"]) == (15, 10, 5)
    assert [each["reason"] for each in from_page["events"][10:]] == [FULL] * 5
    from_server = tight.client.post("/v1/batch", json=bad(20), headers=bearer(tight, "secret")).json()
    fates = [from_server[fate] for fate in ("duplicate", "quarantined", "refused")]
    assert fates == [10, 10, 0], "20 in all, and what is there already needs no room"
    [alarm] = no_room_alarms(tight.service.context)
    assert alarm.startswith("Quarantine had no room for 5 bad rows (the last on 2026-11-25)")


def test_ninety_thousand_bytes_become_no_more_than_the_quarantine_of_browsers(served: Served) -> None:
    sent = 0
    for turn in range(12):
        body = gzipped_bytes(json.dumps(bad(120, first=turn * 120, padding="x" * 30_000)).encode())
        sent += len(body)
        assert served.client.post("/v1/batch", content=body, headers=bearer(served)).status_code == 200
    rows, size = served.service.context.store.quarantine.size()
    assert sent < 300_000
    assert 0 < rows < 12 * 120
    assert size <= quarantine_room.MOST_OF_BROWSERS.size


def test_what_is_held_is_never_dropped_for_what_comes(tight: Served) -> None:
    context = tight.service.context
    row = Quarantined(source="crm", row=0, reason="bad time", detail="", payload="{}")
    many = [replace(row, row=n) for n in range(30)]
    receipt = record(context, rows=many, received=NOON).receipt
    assert receipt.balanced
    assert (receipt.quarantined, receipt.refused) == (20, 10)
    assert context.store.quarantine.rows() == tuple(many[:20])
    context.store.quarantine.release(many[:5])
    assert record(context, rows=many[20:], received=NOON).receipt.quarantined == 5


def bearer(served: Served, kind: str = "publishable") -> dict[str, str]:
    return {"Authorization": f"Bearer {served.keys[kind]}"}
