"""The promises of what tells that something changed, as tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, timedelta

import pyarrow as pa

from living_personas.domain.consent import CONSENT_SCHEMA
from living_personas.ports import Store
from living_personas.testing.samples import (
    FIRST_DAY,
    NOON,
    batch_of,
    event,
    quarantined,
    refinement,
    snapshot,
    version,
    word,
)
from living_personas.testing.suite import Suite

__all__ = ["ChangesSuite"]


class ChangesSuite(Suite):
    """``Store.changed`` is another whenever anybody has written anything; ``Store.marks`` says whether it matters."""

    def test_each_write_is_a_change(self) -> None:
        """Whatever is written; what only repeats may be none."""
        with self.store() as store:
            seen = [store.changed()]
            for write in _WRITES:
                write(store)
                seen.append(store.changed())
                assert seen[-1] not in seen[:-1]

    def test_reading_changes_nothing(self) -> None:
        """However often it is asked."""
        with self.store() as store:
            for write in _WRITES:
                write(store)
            before = store.changed()
            for read in _READS:
                read(store)
                assert store.changed() == before

    def test_marks_say_what_is_new(self) -> None:
        """The newest snapshot, rows of a kind that are others on any day, events that were recorded: each alone."""
        with self.store() as store:
            first = store.marks("numbers")
            assert (first[0], first[2]) == (0, 0)
            seen = [first[1]]
            for replaced in _REPLACED:
                store.partitions.replace("numbers", replaced)
                store.partitions.replace("others", replaced)
                seen.append(store.marks("numbers")[1])
                assert store.marks("numbers") == (0, seen[-1], 0)
            assert len(set(seen[:-1])) == len(seen) - 1
            store.snapshots.publish(snapshot(1))
            store.inbox.record(batch_of(event("m1"), event("m2")), received=NOON)
            store.inbox.seal()
            assert store.marks("numbers") == (1, seen[-1], 2)

    def test_what_was_taken_back_is_no_way_back(self) -> None:
        """Who looked in the middle of a commit that failed sees that the next write is another."""
        with self.store() as store:
            seen: list[object] = []
            for _ in range(3):
                with suppress(_FailureError), store.commit():
                    store.facts.set({"a": b"1"})
                    assert store.changed() not in seen
                    seen.append(store.changed())
                    raise _FailureError
            store.facts.set({"a": b"2"})
            assert store.changed() not in seen


class _FailureError(Exception):
    """Something went wrong in the middle."""


_NEXT_DAY = FIRST_DAY + timedelta(days=1)
_REPLACED: tuple[Mapping[date, pa.Table], ...] = (
    {FIRST_DAY: pa.table({"number": [1]})},
    {_NEXT_DAY: pa.table({"number": [2]})},
    {FIRST_DAY: pa.table({"number": [3]})},
    {_NEXT_DAY: pa.table({"number": []})},
    {_NEXT_DAY: pa.table({"number": [4]})},
    {FIRST_DAY: pa.table({"number": []}), _NEXT_DAY: pa.table({"number": []})},
)
_WRITES: tuple[Callable[[Store], object], ...] = (
    lambda store: store.inbox.record(batch_of(event("m1")), received=NOON),
    lambda store: store.inbox.record(batch_of(event("m2", "bob", also="ann")), received=NOON),
    lambda store: store.inbox.seal(),
    lambda store: store.consents.add(pa.Table.from_pylist([word("ann")], schema=CONSENT_SCHEMA)),
    lambda store: store.consents.add(pa.Table.from_pylist([word("ann", hours=1)], schema=CONSENT_SCHEMA)),
    lambda store: store.quarantine.put([quarantined(1)]),
    lambda store: store.quarantine.release([quarantined(1)]),
    lambda store: store.partitions.replace("numbers", {FIRST_DAY: pa.table({"number": [1]})}),
    lambda store: store.partitions.replace("numbers", {FIRST_DAY: pa.table({"number": [2]})}),
    lambda store: store.partitions.replace("numbers", {FIRST_DAY: pa.table({"number": []})}),
    lambda store: store.versions.append(version(1)),
    lambda store: store.refinements.put(refinement("r1")),
    lambda store: store.snapshots.publish(snapshot(1)),
    lambda store: store.facts.set({"a": b"1"}),
    lambda store: store.facts.set({"a": None}),
)
_READS: tuple[Callable[[Store], object], ...] = (
    lambda store: store.inbox.news(0),
    lambda store: store.inbox.links(["ann"]),
    lambda store: (store.inbox.waiting(), store.inbox.recorded(), store.inbox.sealed()),
    lambda store: store.consents.last(["ann"], refuses=True),
    lambda store: store.partitions.read("events", date.min, date.max),
    lambda store: store.snapshots.latest(),
    lambda store: store.facts.get("a"),
)
