"""What the loop needs of the world, in short protocols; adapters fulfil them and pass ``living_personas.testing``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol, TypeAlias

import pyarrow as pa

from living_personas.domain.batch import EventBatch
from living_personas.domain.cell import Cells
from living_personas.domain.event import Quarantined, QuarantineReason
from living_personas.domain.persona import Persona, PersonaVersion, Trait
from living_personas.domain.refinement import Refinement
from living_personas.domain.settings import Feature
from living_personas.domain.snapshot import Snapshot
from living_personas.rules.parse import Kind

__all__ = [
    "Engine",
    "Facts",
    "Inbox",
    "Partitions",
    "Quarantine",
    "Refinements",
    "Relation",
    "Snapshots",
    "Store",
    "Versions",
]

Relation: TypeAlias = pa.Table | tuple[str, ...]
"""A table in memory, or the paths of the Parquet files that hold it."""


class Inbox(Protocol):
    """Events, each recorded once for ever, durable when the call returns."""

    def record(self, batch: EventBatch, *, received: datetime) -> tuple[bool, ...]:
        """Record what is new; True for each event stored, False for each whose message id was seen before.

        All or nothing: an error means that nothing of the batch was recorded.
        """
        ...

    def seal(self) -> tuple[date, ...]:
        """Move what is waiting into the partitions ``events`` and ``exposures``; the days that gained rows, in order.

        Rows of a late day are added to what the day holds. Interrupted at any instant, nothing is lost or doubled.
        """
        ...

    def waiting(self) -> int:
        """How many events are recorded and not yet sealed."""
        ...

    def links(self) -> pa.Table:
        """Which ids are one customer: columns ``id`` and ``customer`` (both strings), only where they differ.

        Links are transitive. The customer of a group of linked ids is the one that was named as ``customer`` by the
        linking event (one with ``also``) of the group with the earliest ``(time, message_id)``, whatever the order of
        arrival.
        """
        ...


class Quarantine(Protocol):
    """Rows that could not be recorded, kept until somebody mends and replays them."""

    def put(self, rows: Sequence[Quarantined]) -> tuple[bool, ...]:
        """Keep the rows; False for each that is held already (same source, row number and payload)."""
        ...

    def rows(
        self, *, source: str | None = None, reason: QuarantineReason | None = None, limit: int | None = None
    ) -> tuple[Quarantined, ...]:
        """The rows held, oldest first."""
        ...

    def counts(self) -> Mapping[tuple[str, QuarantineReason], int]:
        """How many rows are held by source and reason."""
        ...

    def release(self, rows: Sequence[Quarantined]) -> int:
        """Let go of rows that have been recorded after all; how many were held."""
        ...


class Partitions(Protocol):
    """Tables cut by day; a day of a kind is written whole."""

    def replace(self, kind: str, tables: Mapping[date, pa.Table]) -> None:
        """Put these days in the place of what they held, all of them or none; an empty table clears a day."""
        ...

    def read(self, kind: str, first: date, last: date) -> Relation:
        """The rows of the days ``first`` to ``last``, both included; paths may be empty."""
        ...

    def days(self, kind: str) -> tuple[date, ...]:
        """The days that hold rows of this kind, in order."""
        ...

    def etags(self, kind: str) -> Mapping[date, str]:
        """A text for each day that holds rows of this kind, in order: another one whenever its rows are others."""
        ...


class Versions(Protocol):
    """Persona versions: appended, never rewritten."""

    def append(self, version: PersonaVersion) -> None:
        """Add the next version, the first being 1; a number that is taken or leaves a gap raises ``StoreError``."""
        ...

    def history(self, persona: str) -> tuple[PersonaVersion, ...]:
        """All versions of a persona, oldest first; none if it is unknown."""
        ...

    def latest(self) -> tuple[PersonaVersion, ...]:
        """The newest version of every persona, by persona id."""
        ...

    def verify(self) -> None:
        """Check that no version was changed since it was written, or raise ``StoreError`` naming the first."""
        ...


class Refinements(Protocol):
    """Proposed changes, with what became of them."""

    def put(self, refinement: Refinement) -> None:
        """Keep a refinement; one with the same id is replaced."""
        ...

    def get(self, refinement_id: str) -> Refinement:
        """The refinement of this id, or ``UnknownNameError``."""
        ...

    def all(self, *, persona: str | None = None) -> tuple[Refinement, ...]:
        """All refinements by (day, id)."""
        ...


class Snapshots(Protocol):
    """Published snapshots."""

    def publish(self, snapshot: Snapshot) -> None:
        """Add the next snapshot, the first being 1; a number that is taken or leaves a gap raises ``StoreError``."""
        ...

    def get(self, number: int) -> Snapshot:
        """The snapshot of this number, or ``UnknownNameError``."""
        ...

    def latest(self) -> Snapshot | None:
        """The newest snapshot, if there is one."""
        ...

    def held(self) -> int:
        """The number of the newest snapshot, 0 if there is none: cheap enough to ask several times a second."""
        ...


class Facts(Protocol):
    """Small named facts that the loop keeps between runs."""

    def get(self, key: str) -> bytes | None:
        """The fact of this name, if it is known."""
        ...

    def set(self, facts: Mapping[str, bytes | None]) -> None:
        """Set all these facts at once; None forgets one."""
        ...

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """The names that begin with ``prefix``, in order."""
        ...


class Store(Protocol):
    """One workspace's memory."""

    @property
    def inbox(self) -> Inbox:
        """The inbox."""
        ...

    @property
    def quarantine(self) -> Quarantine:
        """The quarantine."""
        ...

    @property
    def partitions(self) -> Partitions:
        """The partitions by day."""
        ...

    @property
    def versions(self) -> Versions:
        """The persona versions."""
        ...

    @property
    def refinements(self) -> Refinements:
        """The refinements."""
        ...

    @property
    def snapshots(self) -> Snapshots:
        """The snapshots."""
        ...

    @property
    def facts(self) -> Facts:
        """The facts."""
        ...

    def lease(self, owner: str, *, now: datetime, seconds: float) -> AbstractContextManager[None]:
        """Hold the workspace's one worker lease for a day at most, or raise ``LeaseHeldError`` naming who has it.

        A lease that ran out is taken over, and so is one whose owner is known to be gone.
        """
        ...

    def commit(self) -> AbstractContextManager[None]:
        """Make what is written to versions, refinements, snapshots, facts and partitions inside it one transaction."""
        ...

    def close(self) -> None:
        """Let go of files and locks."""
        ...


class Engine(Protocol):
    """Whatever touches rows, pushed into the engine that holds them."""

    def features(
        self, as_of: date, *, events: Relation, links: pa.Table, features: Sequence[Feature], traits: Mapping[str, Kind]
    ) -> pa.Table:
        """One row per customer, from the events of the days before ``as_of``.

        Columns: ``customer`` (in order), one double per feature (its denominator as ``<name>__of``; NULL where a rate
        has none), one column per trait with its last known value (``traits`` maps names to their kinds).
        """
        ...

    def totals(self, events: Relation, *, features: Sequence[Feature], traits: Mapping[str, Kind]) -> pa.Table:
        """What the features need to know of these events, one row per id that customers were met under.

        Their aggregates are additive (``rules.additive``). What the columns are is the engine's own business.
        """
        ...

    def added(self, totals: Relation, *, features: Sequence[Feature], traits: Mapping[str, Kind]) -> pa.Table:
        """Totals of several spans of days as those of all of them."""
        ...

    def features_of(
        self,
        spans: Mapping[int | None, Relation],
        *,
        links: pa.Table,
        features: Sequence[Feature],
        traits: Mapping[str, Kind],
    ) -> pa.Table:
        """As ``features``, from the totals of spans of days that cover all days before ``as_of`` once.

        ``spans`` are the totals by how many days before ``as_of`` their spans begin at most; None for any number. Each
        window of a feature is the end of a span.
        """
        ...

    def members(self, customers: pa.Table, *, personas: Sequence[Persona]) -> pa.Table:
        """Who is who: ``customer``, ``persona`` (``unmatched`` if no rule is true), ``matches`` (how many are true)."""
        ...

    def units(
        self,
        day: date,
        *,
        exposures: Relation,
        earlier: Relation,
        links: pa.Table,
        members: pa.Table | None,
    ) -> pa.Table:
        """The units (``UNIT_SCHEMA``) that were first exposed on ``day``; ``members`` says who the persona-less are."""
        ...

    def fold(
        self,
        first: date,
        last: date,
        *,
        units: Relation,
        events: Relation,
        links: pa.Table,
        personas: Sequence[Persona],
    ) -> Cells:
        """What became known on the outcome days ``first`` to ``last``: one expression, one pass.

        ``units`` and ``events`` reach back as far as the longest horizon.
        """
        ...

    def per_customer(
        self, *, units: Relation, events: Relation, links: pa.Table, personas: Sequence[Persona]
    ) -> pa.Table:
        """Sums over customers of their units and counted goal outcomes, to compare the holdout with the others.

        One row per ``persona``, ``attribute`` and ``holdout``: ``customers``, and over customers the sums ``units``,
        ``outcomes``, ``units_sq``, ``outcomes_sq`` and ``units_outcomes``; an outcome is that of ``fold`` (``sum``).
        """
        ...

    def measure(self, customers: pa.Table, *, members: pa.Table, traits: Sequence[Trait]) -> pa.Table:
        """Sums over the members of whom a trait is known: ``persona, trait, n, sum, sum_sq``."""
        ...

    def decide(
        self, snapshot: Snapshot, customers: pa.Table, *, at: datetime, channel: str, campaign: str = ""
    ) -> pa.Table:
        """Decide for a whole list in one SQL statement, exactly as ``deciding.decide`` does for one customer."""
        ...
