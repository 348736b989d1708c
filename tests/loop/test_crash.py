"""A worker that dies at any write and is run again ends in the same state, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

import pyarrow as pa
import pytest

from living_personas.loop import cycle
from living_personas.loop.recording.record import record
from living_personas.ports import Relation
from living_personas.stores.memory import MemoryStore
from loop.shops import SETTINGS, context_of, history, morning_after, noon, state_of

Moment = Literal["before a commit", "after a commit", "between writes"]


class DiedError(Exception):
    """The worker's end."""


class DyingStore(MemoryStore):
    """A store whose worker dies at a chosen moment, once; whoever records without the lease lives on."""

    def __init__(self, moment: Moment, at: int) -> None:
        super().__init__()
        self._left: dict[Moment, int] = {moment: at}
        self._at_work = False
        self.partitions = DyingPartitions(self)  # type: ignore[assignment]  # wraps what it stands for

    def passes(self, moment: Moment) -> None:
        """Die if the time has come."""
        left = self._left.get(moment) if self._at_work else None
        if left == 0:
            del self._left[moment]
            raise DiedError
        if left is not None:
            self._left[moment] = left - 1

    @property
    def lives(self) -> bool:
        return bool(self._left)

    @contextmanager
    def lease(self, owner: str, *, now: datetime, seconds: float) -> Iterator[None]:
        with super().lease(owner, now=now, seconds=seconds):
            self._at_work = True
            try:
                yield
            finally:
                self._at_work = False

    @contextmanager
    def commit(self) -> Iterator[None]:
        with super().commit():
            yield
            self.passes("before a commit")
        self.passes("after a commit")


class DyingPartitions:
    """Partitions that let the worker die before a write."""

    def __init__(self, store: DyingStore) -> None:
        self._store = store
        self._held = store.partitions

    def replace(self, kind: str, tables: Mapping[date, pa.Table]) -> None:
        self._store.passes("between writes")
        self._held.replace(kind, tables)

    def read(self, kind: str, first: date, last: date) -> Relation:
        return self._held.read(kind, first, last)

    def days(self, kind: str) -> tuple[date, ...]:
        return self._held.days(kind)

    def etags(self, kind: str) -> Mapping[date, str]:
        return self._held.etags(kind)


def lived(store: MemoryStore, *, tries: int = 1) -> dict[str, object]:
    """Three days of history in one cycle, then late events in another; as many tries as it takes."""
    context = context_of(store=store, settings=replace(SETTINGS, breakdowns=("recency_days",)))
    events = history(range(3), units=60)
    late = [event for index, event in enumerate(events) if event.name == "Bought" and index % 3 == 0]
    for batch, now in (([e for e in events if e not in late], 3), (late, 4)):
        record(context, batch, received=noon(4))
        for _ in range(tries):
            try:
                cycle.run(context, now=morning_after(now), owner="w")
                break
            except DiedError:
                continue
    return state_of(store)


@pytest.fixture(scope="module")
def unharmed() -> dict[str, object]:
    return lived(MemoryStore())


# Not "before" the first commit of a cycle: the reference store cannot take back that the inbox was sealed.
MOMENTS: list[tuple[Moment, int]] = [
    *[("after a commit", at) for at in range(8)],
    *[("before a commit", at) for at in range(1, 5)],
    *[("between writes", at) for at in (0, 1, 2, 3, 4, 5, 7, 9, 11, 14, 18, 20, 22, 26)],
]


@pytest.mark.long
@pytest.mark.promise("P9")
@pytest.mark.parametrize(("moment", "at"), MOMENTS)
def test_it_ends_as_if_nothing_had_happened(moment: Moment, at: int, unharmed: dict[str, object]) -> None:
    store = DyingStore(moment, at)
    assert lived(store, tries=2) == unharmed
    assert not store.lives, "the worker did not die: the moment lies beyond its work"
