"""What the loop needs of the world, in short protocols; adapters fulfil them and pass ``living_personas.testing``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol, TypeAlias

import pyarrow as pa

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Quarantined, QuarantineReason
from living_personas.domain.forgotten_ids import ForgottenIds
from living_personas.domain.link import Link
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.domain.withdrawal import Withdrawal

__all__ = [
    "Consents",
    "Facts",
    "Holding",
    "Inbox",
    "Partitions",
    "Quarantine",
    "Refinements",
    "Relation",
    "Snapshots",
    "Store",
    "Stored",
    "Versions",
    "Withdraw",
]

Relation: TypeAlias = pa.Table | tuple[str, ...]
"""A table in memory, or the paths of the Parquet files that hold it."""


@value
class Holding:
    """A kind of partition that holds customers, or all kinds whose names begin with ``kind`` if it is a ``family``.

    A row is about those whom its columns ``owners`` name; the columns ``beside`` may name somebody else, and ``texts``
    hold JSON that may. Where the columns are those of features and traits, ``is_open``, any of them may name somebody.
    """

    kind: str
    family: bool
    owners: tuple[str, ...]
    beside: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    is_open: bool = False

    def holds(self, kind: str) -> bool:
        """Whether a kind of partition is one of these."""
        return kind.startswith(self.kind) if self.family else kind == self.kind


class Inbox(Protocol):
    """Events, each recorded once until its message id is forgotten, durable when the call returns."""

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

    def recorded(self) -> int:
        """How many events were ever recorded: another number whenever one was."""
        ...

    def sealed(self) -> int:
        """How many of those recorded first are sealed."""
        ...

    def news(
        self, after: int, *, names: Collection[str] = (), channels: Collection[str] = ()
    ) -> tuple[EventBatch, int] | None:
        """What was recorded ``after`` so many events and waits, and how many there are now; None if some was sealed.

        Only the events that link two ids or are called one of ``names``, and the exposures on ``channels``.
        """
        ...

    def links(self, ids: Collection[str] | None = None, *, before: datetime | None = None) -> pa.Table:
        """Which ids are one customer: columns ``id`` and ``customer`` (both strings), only where they differ.

        With ``ids``, only the links of the customers whom these ids name; with ``before``, only by what was linked
        before that moment. Links are transitive. The customer of a group of linked ids is the one that was named as
        ``customer`` by the linking event (one with ``also``) of the group with the earliest ``(time, message_id)``,
        whatever the order of arrival. An id and its canonical form are always linked; a device belongs to whoever was
        named beside it first; two known ids are linked by an alias only.
        """
        ...

    def links_made(self, ids: Collection[str]) -> tuple[Link, ...]:
        """What was said of these ids and of those that it links to them, in order; also what links nothing any more."""
        ...

    def link(self, links: Iterable[Link]) -> None:
        """Keep links that no event makes; of one kind between two ids the earliest is kept."""
        ...

    def named(self, ids: Collection[str]) -> frozenset[str]:
        """Those of some ids that an event ever named, in any spelling, which no browser sent (``SENT_FROM``)."""
        ...

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Those of some message ids that were recorded before, and are not forgotten."""
        ...

    def forget_ids(self, *, before: date, place: int = 0) -> ForgottenIds:
        """Forget some ids ``received`` in months (of UTC) before that of a day, if not all, from a place on.

        What comes again is new: whoever calls this refuses it by its day. A place that is kept may be gone on from.
        """
        ...

    def recall(self, events: pa.Table) -> None:
        """Note whom events that older versions recorded name, and which ids browsers used; nothing is recorded."""
        ...


class Consents(Protocol):
    """What customers said last, on each day, of being decided for: one row an id, a consent and a day."""

    def add(self, said: pa.Table) -> None:
        """Keep what was said (``CONSENT_SCHEMA``); of one id, consent and day only the last by (time, message id)."""
        ...

    def last(
        self,
        ids: Collection[str] | None = None,
        *,
        name: str | None = None,
        refuses: bool | None = None,
        before: date | None = None,
    ) -> pa.Table:
        """The last word of each id on each consent (``CONSENT_SCHEMA``), by id and name.

        Only of these ``ids``, on the consent ``name``, only those that are a no (or are none), and only of what was
        said on days ``before`` one.
        """
        ...


class Quarantine(Protocol):
    """Rows that could not be recorded, kept until somebody mends and replays them."""

    def put(self, rows: Sequence[Quarantined], *, received: datetime | None = None) -> tuple[bool, ...]:
        """Keep the rows; False for each that is held already (same source, row and payload)."""
        ...

    def expire(self, *, before: datetime, now: datetime) -> int:
        """Let go of rows that were received before a moment; how many. Those of which it is not known came ``now``."""
        ...

    def rows(
        self, *, source: str | None = None, reason: QuarantineReason | None = None, limit: int | None = None
    ) -> tuple[Quarantined, ...]:
        """The rows held, oldest first."""
        ...

    def counts(self) -> Mapping[tuple[str, QuarantineReason], int]:
        """How many rows are held by source and reason."""
        ...

    def size(self) -> tuple[int, int]:
        """How many rows are held, and the bytes of what they say (details, payloads and message ids, as UTF-8)."""
        ...

    def release(self, rows: Sequence[Quarantined]) -> int:
        """Let go of rows that have been recorded after all; how many were held."""
        ...


class Partitions(Protocol):
    """Tables cut by day; a day of a kind is written whole."""

    def replace(self, kind: str, tables: Mapping[date, Relation]) -> None:
        """Put these days in the place of what they held, all of them or none; no rows clear a day.

        Files are copied as they are, and are nobody's once the call returns.
        """
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

    def waiting(self) -> tuple[Refinement, ...]:
        """Those whose review is open, by (day, id): asked for on every page, and few of all."""
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

    def head(self) -> str:
        """The SHA-256, in hex, that covers the newest snapshot and every one before it; empty if there is none."""
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
    def consents(self) -> Consents:
        """What customers said of being decided for."""
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

        A lease that ran out is taken over, and so is one whose owner is known to be gone. Whoever lost it so commits
        nothing any more: ``commit`` raises ``LeaseLostError`` on the thread that held it.
        """
        ...

    def commit(self) -> AbstractContextManager[None]:
        """Make what is written to versions, refinements, snapshots, facts and partitions inside it one transaction."""
        ...

    def forgetting(
        self, ids: Collection[str], *, holdings: Sequence[Holding]
    ) -> AbstractContextManager[Mapping[str, int]]:
        """Forget every row about these ids, in one transaction with whatever else is written inside.

        Gone are events that wait, links, consents, and quarantined rows that name an id, and the rows of the
        ``holdings``. What is about others stays: an id beside is emptied, and one in their texts is replaced. Message
        ids stay known, and counts what they are. Yields how many rows of each kind are gone. When the block ends
        without an error nothing of the ids is left in the store's files; interrupted anywhere, it is done again.

        Raises
        ------
        StoreError
            If somebody else replaced a part meanwhile, or holds the log of the store open: do it again.
        """
        ...

    def changed(self) -> object:
        """Something that is another whenever anybody has written anything: cheap enough to ask at each decision."""
        ...

    def marks(self, kind: str) -> tuple[int, str, int]:
        """What tells whether something new must be read.

        The number of the newest snapshot, a text that is another whenever rows of a kind of partition are others, and
        how many events were ever recorded; of one moment.
        """
        ...

    def close(self) -> None:
        """Let go of files and locks."""
        ...


Withdraw = Callable[[Sequence[Withdrawal]], None]
"""Called with what is taken back, inside the transaction that does so, and durable when it returns."""


class Stored(Protocol):
    """Whatever has a store: who needs nothing else does not need the files to be right."""

    @property
    def store(self) -> Store:
        """The store."""
        ...

    @property
    def withdrawn(self) -> Withdraw:
        """Lists what is taken back apart from the store."""
        ...
