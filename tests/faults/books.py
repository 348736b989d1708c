"""A client that keeps books: what it sent, what was acknowledged, what it cannot know; checked offline afterwards."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from uuid import uuid4

import httpx

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.steps.tables import table_of
from living_personas.wiring import open_parts
from service.running import KEY, Running

__all__ = ["Books", "Operation", "check", "recorded", "sending"]

Outcome = Literal["acknowledged", "refused", "unknown"]

BATCH = 20
AGAIN = 0.1
"""Share of batches that are sent a second time, as clients do that saw no answer."""


@dataclass(frozen=True)
class Operation:
    """One request: what it carried, what came of it, and each event's fate if there was an answer."""

    ids: tuple[str, ...]
    outcome: Outcome
    status: int
    fates: tuple[str, ...] = ()


@dataclass
class Books:
    """All operations of all clients, in the order in which they ended."""

    history: list[Operation] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, operation: Operation) -> None:
        with self.lock:
            self.history.append(operation)

    @property
    def sent(self) -> set[str]:
        return {each for operation in self.history for each in operation.ids}

    @property
    def acknowledged(self) -> set[str]:
        return {each for operation in self.history if operation.outcome == "acknowledged" for each in operation.ids}

    def statuses(self) -> Counter[int]:
        """How many answers of each status; 0 for none."""
        return Counter(operation.status for operation in self.history)


def send(books: Books, url: str, ids: tuple[str, ...], *, timeout: float = 10.0) -> Operation:
    """Send a batch, and note what came of it."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    batch = [
        {"type": "track", "event": "Counted", "userId": f"u{each[:2]}", "messageId": each, "timestamp": now}
        for each in ids
    ]
    try:
        answer = httpx.post(f"{url}/v1/batch", json={"batch": batch}, auth=(KEY, ""), timeout=timeout)
    except httpx.TransportError:
        operation = Operation(ids=ids, outcome="unknown", status=0)
    else:
        operation = _read(ids, answer)
    books.note(operation)
    return operation


@contextmanager
def sending(books: Books, running: Running, *, threads: int = 3, pause: float = 0.0) -> Iterator[None]:
    """Clients that send as fast as they can for as long as the block lasts."""
    stop = threading.Event()

    def client() -> None:
        count = 0
        while not stop.is_set():
            ids = tuple(uuid4().hex for _ in range(BATCH))
            operation = send(books, running.url, ids)
            count += 1
            if count % round(1 / AGAIN) == 0:
                send(books, running.url, ids)
            if operation.outcome != "acknowledged":
                stop.wait(0.05)
            stop.wait(pause)

    started = [threading.Thread(target=client) for _ in range(threads)]
    for thread in started:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in started:
            thread.join()


def recorded(folder: Path) -> Counter[str]:
    """How often each message id is in the store, sealed or waiting."""
    _, parts = open_parts(folder)
    try:
        parts.store.inbox.seal()
        days = parts.store.partitions.days("events")
        found = (
            table_of(parts.store.partitions.read("events", days[0], days[-1])) if days else EVENT_SCHEMA.empty_table()
        )
        return Counter(
            row["message_id"] for row in found.select(["message_id", "name"]).to_pylist() if row["name"] == "Counted"
        )
    finally:
        parts.store.close()


def check(books: Books, folder: Path) -> Counter[str]:
    """Nothing acknowledged is lost, nothing is stored twice, nothing is there that nobody sent."""
    found = recorded(folder)
    lost = books.acknowledged - set(found)
    assert not lost, f"{len(lost)} of {len(books.acknowledged)} acknowledged events are lost"
    assert set(found.values()) <= {1}, "an event is stored twice"
    assert set(found) <= books.sent, "an event is stored that nobody sent"
    _check_fates(books)
    return found


def _check_fates(books: Books) -> None:
    """Each event was new once at most, and never a duplicate before anybody had sent it."""
    new = Counter(
        each
        for operation in books.history
        for each, fate in zip(operation.ids, operation.fates, strict=False)
        if fate == "stored"
    )
    assert set(new.values()) <= {1}, "an event was new twice"


def _read(ids: tuple[str, ...], answer: httpx.Response) -> Operation:
    if answer.status_code != 200:
        outcome: Outcome = "refused" if answer.status_code == 429 else "unknown"
        return Operation(ids=ids, outcome=outcome, status=answer.status_code)
    said = answer.json()
    assert said["received"] == said["stored"] + said["duplicate"] + said["quarantined"] + said["refused"]
    fates = tuple(each["fate"] for each in said["events"])
    assert len(fates) == len(ids)
    assert set(fates) <= {"stored", "duplicate"}
    return Operation(ids=ids, outcome="acknowledged", status=200, fates=fates)
