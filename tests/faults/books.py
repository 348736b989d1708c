"""A client that keeps books: what it sent, what was acknowledged, what it cannot know; checked offline afterwards."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol
from uuid import uuid4

import httpx

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.loop.relations import table_of
from living_personas.wiring import open_context
from service.running import KEY

Outcome = Literal["acknowledged", "refused", "unknown"]

BATCH = 20
AGAIN = 0.1
"""Share of batches that are sent a second time, as clients do that saw no answer."""


@dataclass(frozen=True)
class Operation:
    """One request: what it carried, what came of it, each event's fate if there was an answer, and when (seconds)."""

    ids: tuple[str, ...]
    outcome: Outcome
    status: int
    fates: tuple[str, ...] = ()
    began: float = 0.0
    ended: float = 0.0
    retry_after: str = ""


class Reachable(Protocol):
    """A service that is somewhere."""

    @property
    def url(self) -> str:
        """Where it is."""
        ...


@dataclass
class EvidenceState:
    """All operations of all clients, in the order in which they ended."""

    history: list[Operation] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, operation: Operation) -> None:
        with self.lock:
            self.history.append(operation)

    def forget_answers(self, *, after: float) -> None:
        """Treat what was answered after a moment as if no answer had come."""
        for place, operation in enumerate(self.history):
            if operation.ended > after:
                self.history[place] = replace(operation, outcome="unknown", status=0, fates=())

    @property
    def acknowledged(self) -> set[str]:
        return {each for operation in self.history if operation.outcome == "acknowledged" for each in operation.ids}

    def statuses(self) -> Counter[int]:
        """How many answers of each status; 0 for none."""
        return Counter(operation.status for operation in self.history)


def send(state: EvidenceState, client: httpx.Client, ids: tuple[str, ...]) -> Operation:
    """Send a batch, and note what came of it."""
    began = time.monotonic()
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    batch = [
        {"type": "track", "event": "Counted", "userId": f"u{each[:2]}", "messageId": each, "timestamp": now}
        for each in ids
    ]
    try:
        answer = client.post("/v1/batch", json={"batch": batch})
    except httpx.TransportError:
        operation = Operation(ids=ids, outcome="unknown", status=0, began=began, ended=time.monotonic())
    else:
        operation = _read(ids, answer, began)
    state.note(operation)
    return operation


def new_ids(count: int = BATCH) -> tuple[str, ...]:
    """Message ids that nobody has used."""
    return tuple(uuid4().hex for _ in range(count))


@contextmanager
def client_of(url: str, *, timeout: float = 10.0) -> Iterator[httpx.Client]:
    """Whoever sends with the key of the shop."""
    with httpx.Client(base_url=url, auth=(KEY, ""), timeout=timeout, trust_env=False) as client:
        yield client


@contextmanager
def sending(
    state: EvidenceState,
    running: Reachable,
    *,
    threads: int = 3,
    batch: int = BATCH,
    patience: float = 0.05,
    pause: float = 0.0,
    timeout: float = 10.0,
) -> Iterator[None]:
    """Clients that send as long as the block lasts, as fast as they can or with a pause; after a failure they wait.

    ``patience`` and ``pause`` are seconds.
    """
    stop = threading.Event()

    def send_on() -> None:
        count = 0
        with client_of(running.url, timeout=timeout) as client:
            while not stop.is_set():
                ids = new_ids(batch)
                operation = send(state, client, ids)
                count += 1
                if count % round(1 / AGAIN) == 0:
                    send(state, client, ids)
                if operation.outcome != "acknowledged":
                    stop.wait(patience)
                elif pause:
                    stop.wait(pause)

    started = [threading.Thread(target=send_on) for _ in range(threads)]
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
    _, context = open_context(folder)
    try:
        context.store.inbox.seal()
        days = context.store.partitions.days("events")
        found = (
            table_of(context.store.partitions.read("events", days[0], days[-1])) if days else EVENT_SCHEMA.empty_table()
        )
        return Counter(
            row["message_id"] for row in found.select(["message_id", "name"]).to_pylist() if row["name"] == "Counted"
        )
    finally:
        context.store.close()


def check(state: EvidenceState, folder: Path) -> Counter[str]:
    """The history and the store agree; how often each message id is in the store."""
    found = recorded(folder)
    faults = faults_in(state.history, found)
    assert not faults, "; ".join(faults)
    return found


def faults_in(history: Sequence[Operation], found: Mapping[str, int]) -> list[str]:
    """What cannot be, given everything that clients saw and how often each message id is in the store."""
    first = _first_sent(history)
    known = [each for operation in history if operation.outcome == "acknowledged" for each in operation.ids]
    refused = set(first) - {each for operation in history if operation.outcome != "refused" for each in operation.ids}
    wrong = {
        "acknowledged, and lost": set(known) - set(found),
        "stored twice": {each for each, times in found.items() if times > 1},
        "stored, and nobody sent it": set(found) - set(first),
        "refused each time, and stored": refused & set(found),
        "new twice": {each for each, times in _times_new(history).items() if times > 1},
        "never new": _never_new(history),
        "a duplicate of what nobody had sent": _duplicates_of_nothing(history, first),
    }
    return [f"{len(ids)} of {len(first)}: {what}" for what, ids in wrong.items() if ids]


def _first_sent(history: Sequence[Operation]) -> dict[str, float]:
    """When each message id was sent for the first time."""
    first: dict[str, float] = {}
    for operation in history:
        for each in operation.ids:
            first[each] = min(operation.began, first.get(each, operation.began))
    return first


def _times_new(history: Sequence[Operation]) -> Counter[str]:
    return Counter(each for each, fate, _ in _fates(history) if fate == "stored")


def _never_new(history: Sequence[Operation]) -> set[str]:
    """Acknowledged as duplicates only, though every answer is known."""
    unsure = {each for operation in history if operation.outcome == "unknown" for each in operation.ids}
    return {each for each, _, _ in _fates(history)} - set(_times_new(history)) - unsure


def _duplicates_of_nothing(history: Sequence[Operation], first: Mapping[str, float]) -> set[str]:
    """A duplicate must have been sent before, by a request other than the one that says so."""
    return {each for each, fate, operation in _fates(history) if fate == "duplicate" and first[each] >= operation.began}


def _fates(history: Sequence[Operation]) -> Iterator[tuple[str, str, Operation]]:
    for operation in history:
        for each, fate in zip(operation.ids, operation.fates, strict=operation.outcome == "acknowledged"):
            yield each, fate, operation


def _read(ids: tuple[str, ...], answer: httpx.Response, began: float) -> Operation:
    ended, again = time.monotonic(), answer.headers.get("Retry-After", "")
    if answer.status_code != 200:
        outcome: Outcome = "refused" if answer.status_code == 429 else "unknown"
        return Operation(
            ids=ids, outcome=outcome, status=answer.status_code, began=began, ended=ended, retry_after=again
        )
    said = answer.json()
    assert said["received"] == said["stored"] + said["duplicate"] + said["quarantined"] + said["refused"]
    fates = tuple(each["fate"] for each in said["events"])
    assert tuple(each["message_id"] for each in said["events"]) == ids
    assert set(fates) <= {"stored", "duplicate"}
    return Operation(ids=ids, outcome="acknowledged", status=200, fates=fates, began=began, ended=ended)
