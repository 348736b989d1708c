"""The worker: takes turns by the clock that it is given, one at a time."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from living_personas.domain.event import Event, Exposure
from living_personas.errors import LeaseHeldError
from living_personas.http.worker import turn, work
from living_personas.steps.record import record_events
from living_personas.wiring import open_parts
from service.shop import NOON, Hands, Served, write_shop


def met(id_: str, clock: Hands) -> Event:
    exposure = Exposure(attribute="framing", option="quality", persona="other", policy="", epoch=id_)
    return Event(message_id=id_, customer=id_, name="Persona Exposed", time=clock(), exposures=(exposure,))


def test_a_turn_closes_days_and_looks_for_segments_once_a_week(tmp_path: Path) -> None:
    clock = Hands()
    _, parts = open_parts(write_shop(tmp_path / "shop"), clock=clock)
    first = turn(parts, clock=clock)
    assert (first.days, first.snapshot, first.found) == ((), 1, None)
    found = []
    for day in range(9):
        record_events(parts, [met(f"c{day}", clock)], received=clock())
        clock.on(days=1)
        record_events(parts, [Event(message_id=f"n{day}", customer="x", name="Seen", time=clock())], received=clock())
        found.append(turn(parts, clock=clock).found)
    assert [number for number, each in enumerate(found) if each is not None] == [0, 7]
    assert turn(parts, clock=clock).days == ()
    parts.store.close()


def test_two_workers_do_not_run_at_once(tmp_path: Path) -> None:
    clock = Hands()
    root = write_shop(tmp_path / "shop")
    (_, one), (_, other) = open_parts(root, clock=clock), open_parts(root, clock=clock)
    with one.store.lease("another host", now=NOON, seconds=60), pytest.raises(LeaseHeldError):
        turn(other, clock=clock)
    one.store.close()
    other.store.close()


def test_it_works_until_it_is_stopped_and_the_service_sees_what_it_published(served: Served) -> None:
    (served.folder / "personas" / "other.yaml").write_text(
        (served.folder / "personas" / "other.yaml").read_text().replace("we_believe: quality", "we_believe: discount")
    )
    stop = threading.Event()
    arguments = {"every": timedelta(seconds=60), "stop": stop, "clock": served.clock}
    worker = threading.Thread(target=work, args=(served.folder,), kwargs=arguments)
    worker.start()
    for _ in range(200):
        published = served.service.view.published
        if published is not None and published.number > 1:
            break
        stop.wait(0.05)
    stop.set()
    worker.join()
    assert served.client.get("/readyz").text == "ready, snapshot 2\n"
