"""A workspace in memory: the reference that says in the fewest words what a store does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count

import pyarrow as pa

from living_personas.domain.forgotten import names_any
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.domain.snapshot import Snapshot
from living_personas.errors import by_name
from living_personas.ports import Holding, Relation
from living_personas.stores.canonical_json import SNAPSHOT
from living_personas.stores.commit_guards import Guards
from living_personas.stores.hash_chain import head_of
from living_personas.stores.memory_inbox import MemoryInbox
from living_personas.stores.memory_rows import MemoryConsents, MemoryQuarantine, in_memory
from living_personas.stores.refusals import LONGEST_LEASE, check_kind, check_next, lease_held, lease_lost, no_snapshot
from living_personas.stores.row_erasure import Named

__all__ = ["MemoryStore"]


@dataclass
class _State:
    """Everything that ``commit`` must be able to take back, and how often it became another."""

    partitions: dict[tuple[str, date], pa.Table] = field(default_factory=dict)
    etags: dict[tuple[str, date], int] = field(default_factory=dict)
    versions: dict[str, tuple[PersonaVersion, ...]] = field(default_factory=dict)
    refinements: dict[str, Refinement] = field(default_factory=dict)
    snapshots: tuple[Snapshot, ...] = ()
    facts: dict[str, bytes] = field(default_factory=dict)
    writes: int = 0

    def copy(self) -> _State:
        return _State(
            partitions=dict(self.partitions),
            etags=dict(self.etags),
            versions=dict(self.versions),
            refinements=dict(self.refinements),
            snapshots=self.snapshots,
            facts=dict(self.facts),
        )

    def become(self, other: _State) -> None:
        writes = self.writes + 1
        vars(self).update(vars(other))
        self.writes = writes


class MemoryStore:
    """One workspace's memory, gone with the process."""

    def __init__(self, *, is_gone: Callable[[str], bool] = lambda _owner: False) -> None:
        self._is_gone = is_gone
        self._state = _State()
        self.partitions = MemoryPartitions(self._state)
        self.inbox = MemoryInbox(self.partitions.add)
        self.consents = MemoryConsents()
        self.quarantine = MemoryQuarantine()
        self.versions = MemoryVersions(self._state)
        self.refinements = MemoryRefinements(self._state)
        self.snapshots = MemorySnapshots(self._state)
        self.facts = MemoryFacts(self._state)
        self._lease: tuple[str, datetime] | None = None
        self._guards = Guards()

    @contextmanager
    def lease(self, owner: str, *, now: datetime, seconds: float) -> Iterator[None]:
        """Hold the one worker lease; one that ran out, or whose owner is gone, may be taken over."""
        if self._lease and now < self._lease[1] <= now + LONGEST_LEASE and not self._is_gone(self._lease[0]):
            raise lease_held(*self._lease)
        mine = self._lease = (owner, now + timedelta(seconds=seconds))
        try:
            with self._guards.held(lambda: self._check(mine)):
                yield
        finally:
            if self._lease is mine:
                self._lease = None

    def _check(self, mine: tuple[str, datetime]) -> None:
        if self._lease is not mine and self._lease is not None:
            raise lease_lost(self._lease[0])

    @contextmanager
    def commit(self) -> Iterator[None]:
        """All or nothing of what is written inside."""
        before = self._state.copy()
        try:
            yield
            self._guards.ask()
        except BaseException:
            self._state.become(before)
            raise

    @contextmanager
    def forgetting(self, ids: Collection[str], *, holdings: Sequence[Holding]) -> Iterator[Mapping[str, int]]:
        """Forget every row about these ids once the block has ended well."""
        named = Named(ids)
        days = {
            (kind, day): (holding.kind, table, left)
            for holding in holdings
            for (kind, day), table in self._state.partitions.items()
            if holding.holds(kind) and (left := named.without(table, holding)) is not None
        }
        bad = [row for row in self.quarantine.rows() if names_any(row, named.ids)]
        gone = Counter({"quarantined": len(bad)}) + self.inbox.naming(named) + self.consents.naming(named)
        for kind, table, left in days.values():
            gone[kind] += table.num_rows - left.num_rows
        with self.commit():
            yield dict(sorted((+gone).items()))
            for (kind, day), (_, _, left) in days.items():
                self.partitions.replace(kind, {day: left})
        self.inbox.forget(named)
        self.consents.forget(named)
        self.quarantine.release(bad)

    def changed(self) -> object:
        """How often anything was written."""
        return self._state.writes, self.inbox.recorded(), self.consents.writes, self.quarantine.writes

    def marks(self, kind: str) -> tuple[int, str, int]:
        """The newest snapshot, the etags of a kind, and how many events were recorded."""
        return self.snapshots.held(), str(self.partitions.etags(kind)), self.inbox.recorded()

    def close(self) -> None:
        """Nothing to let go of."""


class _OfState:
    """A part of the store."""

    def __init__(self, state: _State) -> None:
        self._state = state


class MemoryPartitions(_OfState):
    """Tables by kind and day."""

    def __init__(self, state: _State) -> None:
        super().__init__(state)
        self._written = count()

    def replace(self, kind: str, tables: Mapping[date, Relation]) -> None:
        """Put these days in the place of what they held."""
        check_kind(kind)
        self._state.writes += 1
        for day, table in {day: in_memory(rows) for day, rows in tables.items()}.items():
            if table.num_rows:
                self._state.partitions[kind, day] = table
                self._state.etags[kind, day] = next(self._written)
            else:
                self._state.partitions.pop((kind, day), None)
                self._state.etags.pop((kind, day), None)

    def read(self, kind: str, first: date, last: date) -> Relation:
        """The rows of the days as one table, in order of day; ``()`` if there are none."""
        tables = [self._state.partitions[kind, day] for day in self.days(kind) if first <= day <= last]
        return pa.concat_tables(tables, promote_options="default") if tables else ()

    def days(self, kind: str) -> tuple[date, ...]:
        """The days that hold rows of this kind, in order."""
        return tuple(sorted(day for held, day in self._state.partitions if held == kind))

    def etags(self, kind: str) -> Mapping[date, str]:
        """The number of the write that made each day what it is."""
        return {day: str(self._state.etags[kind, day]) for day in self.days(kind)}

    def add(self, kind: str, day: date, table: pa.Table) -> None:
        """Add rows to what a day holds."""
        held = self._state.partitions.get((kind, day))
        self.replace(kind, {day: pa.concat_tables([held, table]) if held else table})


class MemoryVersions(_OfState):
    """The history of each persona."""

    def append(self, version: PersonaVersion) -> None:
        """Add the next version."""
        history = self.history(version.id)
        check_next(f"version of persona {version.id!r}", version.version, held=len(history))
        self._state.writes += 1
        self._state.versions[version.id] = (*history, version)

    def history(self, persona: str) -> tuple[PersonaVersion, ...]:
        """All versions of a persona, oldest first."""
        return self._state.versions.get(persona, ())

    def latest(self) -> tuple[PersonaVersion, ...]:
        """The newest version of every persona, by persona id."""
        return tuple(history[-1] for _, history in sorted(self._state.versions.items()))

    def verify(self) -> None:
        """Nothing to find: frozen values in memory do not change."""


class MemoryRefinements(_OfState):
    """Refinements by id."""

    def put(self, refinement: Refinement) -> None:
        """Keep a refinement; one with the same id is replaced."""
        self._state.writes += 1
        self._state.refinements[refinement.id] = refinement

    def get(self, refinement_id: str) -> Refinement:
        """The refinement of this id."""
        return by_name("refinement", refinement_id, self._state.refinements)

    def all(self, *, persona: str | None = None) -> tuple[Refinement, ...]:
        """All refinements by (day, id)."""
        asked = (one for one in self._state.refinements.values() if persona in (None, one.subject.persona))
        return tuple(sorted(asked, key=lambda one: (one.day, one.id)))

    def waiting(self) -> tuple[Refinement, ...]:
        """Those whose review is open, by (day, id)."""
        return tuple(one for one in self.all() if one.review == "open")


class MemorySnapshots(_OfState):
    """Snapshots by number."""

    def publish(self, snapshot: Snapshot) -> None:
        """Add the next snapshot."""
        check_next("snapshot", snapshot.number, held=len(self._state.snapshots))
        self._state.writes += 1
        self._state.snapshots = (*self._state.snapshots, snapshot)

    def get(self, number: int) -> Snapshot:
        """The snapshot of this number."""
        if not 1 <= number <= len(self._state.snapshots):
            raise no_snapshot(number, held=len(self._state.snapshots))
        return self._state.snapshots[number - 1]

    def latest(self) -> Snapshot | None:
        """The newest snapshot, if there is one."""
        return self._state.snapshots[-1] if self._state.snapshots else None

    def held(self) -> int:
        """The number of the newest snapshot; 0 if there is none."""
        return len(self._state.snapshots)

    def head(self) -> str:
        """The hash that covers every snapshot."""
        return head_of(map(SNAPSHOT.dump, self._state.snapshots)).hex()


class MemoryFacts(_OfState):
    """Facts by name."""

    def get(self, key: str) -> bytes | None:
        """The fact of this name, if it is known."""
        return self._state.facts.get(key)

    def set(self, facts: Mapping[str, bytes | None]) -> None:
        """Set all these facts at once; None forgets one."""
        self._state.writes += 1
        for key in facts:
            self._state.facts.pop(key, None)
        self._state.facts.update({key: content for key, content in facts.items() if content is not None})

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """The names that begin with ``prefix``, in order."""
        return tuple(sorted(key for key in self._state.facts if key.startswith(prefix)))
