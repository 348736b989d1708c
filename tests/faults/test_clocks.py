"""F8: clocks jump, the service's and its clients'."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from starlette.testclient import TestClient

from living_personas.errors import LeaseHeldError
from living_personas.http.app import create_app
from living_personas.http.service import open_service
from living_personas.http.worker import turn
from living_personas.loop.relations import table_of
from living_personas.people.keys import create_key
from living_personas.wiring import open_context
from service.shop import KEYS, NOON, Hands, Served, track, write_shop

JUMPS = {"three days ahead": timedelta(days=3), "two days back": timedelta(days=-2)}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A shop that has published once, served by a clock that tests move."""
    folder, clock = write_shop(tmp_path / "shop"), Hands()
    _, context = open_context(folder, clock=clock)
    create_key(context, "secret", KEYS["secret"], now=NOON)
    turn(context, folder, clock=clock)
    context.store.close()
    service = open_service(folder, clock=clock)
    with TestClient(create_app(service)) as client:
        yield Served(folder, service, client, clock, KEYS)


def send(served: Served, *ids: str, **more: Any) -> list[str]:
    """Send a batch whose events happened an hour ago by the clock of the sender; the fates."""
    sent = more.get("sent", served.clock())
    batch = [track(each, timestamp=(sent - timedelta(hours=1)).isoformat()) for each in ids]
    answer = served.post("/v1/batch", {"batch": batch, "sentAt": sent.isoformat()}, key="secret").json()
    return [each["fate"] for each in answer["events"]]


def take_turn(served: Served) -> None:
    """The worker's turn, in a store of its own."""
    _, context = open_context(served.folder, clock=served.clock)
    try:
        turn(context, served.folder, clock=served.clock)
    finally:
        context.store.close()


def times_of(served: Served) -> dict[str, datetime]:
    """When each recorded event happened; each is there once."""
    _, context = open_context(served.folder, clock=served.clock)
    context.store.inbox.seal()
    days = context.store.partitions.days("events")
    table = table_of(context.store.partitions.read("events", days[0], days[-1]))
    context.store.close()
    rows = table.filter(pc.equal(table["name"], "Seen")).select(["message_id", "time"]).to_pylist()
    assert len({row["message_id"] for row in rows}) == len(rows)
    return {row["message_id"]: row["time"] for row in rows}


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_loses_nothing_and_doubles_nothing(served: Served, jump: str) -> None:
    """P1 and P3: before, during and after a jump ids are new once, the worker works, and decisions are made."""
    asked = {"customer": "u1", "channel": "email"}
    known: list[str] = []
    for number, moved in enumerate((timedelta(), JUMPS[jump], -JUMPS[jump], timedelta(days=1))):
        served.clock.now += moved
        ids = [f"{number}-{each}" for each in range(5)]
        assert send(served, *ids) == ["stored"] * 5
        known += ids
        assert send(served, *known) == ["duplicate"] * len(known)
        take_turn(served)
        served.service.watch.look()
        assert served.post("/v1/decide", asked, key="secret").status_code == 200
    assert times_of(served).keys() == set(known)


@pytest.mark.parametrize("skew", [timedelta(days=3), timedelta(days=-3), timedelta(hours=11), timedelta()])
@pytest.mark.parametrize("jump", JUMPS)
def test_a_client_whose_clock_is_wrong_is_set_right_by_the_clock_of_the_day(
    served: Served, skew: timedelta, jump: str
) -> None:
    """P10: an hour before it was sent is an hour before it came, whatever the client's clock says."""
    served.clock.now += JUMPS[jump]
    send(served, "m1", sent=served.clock() + skew)
    assert times_of(served) == {"m1": served.clock() - timedelta(hours=1)}


@pytest.mark.parametrize(("died", "next_"), [(3.0, 0.0), (0.0, -2.0), (-2.0, 0.0)], ids=str)
def test_a_worker_that_died_before_a_jump_locks_nobody_out_for_days(served: Served, died: float, next_: float) -> None:
    """F8: its lease is of the clock of days ahead or ago; two hours after the jump at the latest the next one works."""
    served.clock.now = NOON + timedelta(days=died)
    _, context = open_context(served.folder, clock=served.clock)
    dead = context.store.lease("dead", now=served.clock(), seconds=3600)
    dead.__enter__()  # and not given back
    with pytest.raises(LeaseHeldError):
        take_turn(served)
    served.clock.now = NOON + timedelta(days=next_, hours=2)
    take_turn(served)
    dead.__exit__(None, None, None)
    context.store.close()
