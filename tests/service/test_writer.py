"""The writer: a durable answer or none, bounded, and never a silent loss."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from starlette.testclient import TestClient

from living_personas.domain.event import Event
from living_personas.errors import DiskFailedError, OverloadedError, StoreError, StoreFullError
from living_personas.http.app import create_app
from living_personas.http.service import Service, open_service
from living_personas.http.writer import Limits, Writer, Written
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.people.keys import create_key
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.wiring import open_context
from service.shop import KEYS, NOON, Hands, track, write_shop


class SickDisk(SqliteStore):
    """A store whose disk fails on demand, as the database would report it."""

    failure: StoreError | None = None
    gate: threading.Event | None = None

    @contextmanager
    def commit(self) -> Iterator[None]:
        with super().commit():
            if self.gate is not None:
                self.gate.wait()
            yield
            if self.failure is not None:
                raise self.failure


@pytest.fixture
def sick(tmp_path: Path) -> Iterator[tuple[Context, SickDisk]]:
    folder = write_shop(tmp_path / "shop")
    _, context = open_context(folder, clock=Hands())
    context.store.close()
    store = SickDisk(folder, clock=Hands())
    yield replace(context, store=store), store
    store.close()


def events(*ids: str) -> list[Event]:
    return [Event(message_id=each, customer="u", name="Seen", time=NOON) for each in ids]


def run(writer: Writer, *batches: Sequence[Event], size: int = 0) -> list[Written | BaseException]:
    async def all_at_once() -> list[Written | BaseException]:
        return await asyncio.gather(*(writer.write(each, size=size) for each in batches), return_exceptions=True)

    return asyncio.run(all_at_once())


def test_what_waits_is_recorded_together_and_each_gets_its_own_fates(sick: tuple[Context, SickDisk]) -> None:
    context, store = sick
    store.gate = threading.Event()
    writer = Writer(context, clock=Hands())
    threading.Timer(0.3, store.gate.set).start()
    writer.start()
    answers = run(writer, events("a"), events("b", "a"), events("c"), events("b"))
    writer.close()
    assert [answer.stored for answer in answers if isinstance(answer, Written)] == [
        (True,), (True, False), (True,), (False,),
    ]  # fmt: skip
    assert writer.groups < 4


@pytest.mark.promise("P6")
def test_more_than_may_wait_is_refused_and_what_was_taken_is_kept(sick: tuple[Context, SickDisk]) -> None:
    context, store = sick
    store.gate = threading.Event()
    writer = Writer(context, clock=Hands(), limits=Limits(events=5))
    writer.start()
    threading.Timer(0.3, store.gate.set).start()
    answers = run(writer, *(events(f"m{number}") for number in range(20)))
    writer.close()
    taken = [answer for answer in answers if isinstance(answer, Written)]
    assert len(taken) == 5
    assert all(isinstance(answer, OverloadedError) for answer in answers if answer not in taken)
    assert store.inbox.waiting() == len(taken)


@pytest.mark.promise("P7")
def test_a_full_disk_recovers_by_itself(sick: tuple[Context, SickDisk]) -> None:
    context, store = sick
    writer = Writer(context, clock=Hands())
    writer.start()
    store.failure = StoreFullError("The disk is full.", hint="free some space.")
    [refused] = run(writer, events("m1"))
    assert isinstance(refused, StoreFullError)
    assert writer.is_failing
    store.failure = None
    [stored] = run(writer, events("m1"))
    assert not writer.is_failing
    assert isinstance(stored, Written)
    assert stored.stored == (True,)
    writer.close()


@pytest.mark.promise("P8")
def test_a_failed_disk_stops_everything(sick: tuple[Context, SickDisk]) -> None:
    context, store = sick
    stopped = threading.Event()
    writer = Writer(context, clock=Hands(), broken=stopped.set)
    writer.start()
    store.failure = DiskFailedError("The disk failed.", hint="replace it.")
    [refused] = run(writer, events("m1"))
    store.failure = None
    assert isinstance(refused, DiskFailedError)
    assert stopped.is_set()
    [after] = run(writer, events("m2"))
    assert isinstance(after, StoreError)
    writer.close()
    assert store.inbox.waiting() == 0


@contextmanager
def serving(folder: Path, limits: Limits) -> Iterator[tuple[Service, TestClient]]:
    service = open_service(folder, clock=Hands(), limits=limits)
    create_key(service.context, "publishable", KEYS["publishable"], now=NOON)
    service.watch.look()
    with TestClient(create_app(service)) as client:
        yield service, client


@pytest.mark.promise("P6")
def test_overload_is_said_with_a_time_to_come_back(tmp_path: Path) -> None:
    with serving(write_shop(tmp_path / "shop"), Limits(events=0)) as (service, client):
        answer = client.post("/v1/track", json=track("m1"), auth=(KEYS["publishable"], ""))
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
        assert client.get("/readyz").status_code == 429
        assert service.context.store.inbox.waiting() == 0


def test_ready_says_that_events_are_not_recorded_while_decisions_go_on(tmp_path: Path) -> None:
    """A monitor sees it; a load balancer takes no server away that answers what to show."""
    folder = write_shop(tmp_path / "shop")
    with serving(folder, Limits()) as (service, client):
        cycle.run(service.context, now=NOON, owner="tests")
        service.watch.look()
        assert "events:" not in client.get("/readyz").text
        store = service.writer._context.store
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(store, "commit", full)
            sent = client.post("/v1/track", json=track("m1"), auth=(KEYS["publishable"], ""))
            assert (sent.status_code, sent.headers["retry-after"]) == (503, "2")
            ready = client.get("/readyz")
            assert ready.status_code == 200
            assert "events: the last ones could not be recorded" in ready.text
        assert client.post("/v1/track", json=track("m1"), auth=(KEYS["publishable"], "")).json()["stored"] == 1
        assert "events:" not in client.get("/readyz").text


def full() -> NoReturn:
    raise StoreFullError("The disk is full.", hint="make room.")


def test_stopping_records_what_waits(tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "shop")
    with serving(folder, Limits()) as (_, client):
        for number in range(20):
            assert client.post("/v1/track", json=track(f"m{number}"), auth=(KEYS["publishable"], "")).status_code == 200
    store = SqliteStore(folder, clock=Hands())
    assert store.inbox.waiting() == 20
    store.close()
