"""Who was erased stays away: what comes of an erased id is refused, whatever door it comes by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Quarantined
from living_personas.domain.forgotten import Tombstone, marked, tombstone_of, values_of
from living_personas.domain.withdrawal import Withdrawal
from living_personas.loop.context import Context
from living_personas.memory.people_records import ERASED_IDS, ERASED_MANY

__all__ = [
    "admitted",
    "admitted_rows",
    "bury",
    "erased_among",
    "erased_marks",
    "exhume",
    "filled",
    "keep_marks",
    "let_go",
]


_MANY = 1_000
"""Ids from which on all marks are read at once, instead of one for each id."""


def erased_among(context: Context, ids: Iterable[str]) -> frozenset[str]:
    """Those of some ids that were erased, whatever their spelling; they are looked at only if anybody was."""
    if not ERASED_MANY.read(context.store):
        return frozenset()
    asked = set(ids)
    if len(asked) > _MANY:
        marks = frozenset(ERASED_IDS.names(context.store))
        return frozenset(id_ for id_ in asked if _mark(context, id_) in marks)
    return frozenset(id_ for id_ in asked if ERASED_IDS.read(context.store, _mark(context, id_)) is not None)


def erased_marks(context: Context) -> tuple[pa.Array, str]:
    """The marks of all ids that were erased, and what stands before a canonical id of which one is made."""
    marks = ERASED_IDS.names(context.store) if ERASED_MANY.read(context.store) else ()
    return pa.array(marks, pa.string()), marked(context.settings.salt)


def admitted(context: Context, batch: EventBatch) -> tuple[EventBatch, tuple[bool, ...]]:
    """The events of a batch that are of nobody who was erased, and which of all are.

    An event of somebody else that names an erased id beside no longer does.
    """
    events = batch.events
    ids = (id_ for name in ("customer", "also") for id_ in events[name].unique().to_pylist())
    gone = pa.array(sorted(erased_among(context, ids)), pa.string())
    if not len(gone):
        return batch, ()
    theirs = pc.is_in(events["customer"], value_set=gone)
    beside = pc.if_else(pc.is_in(events["also"], value_set=gone), "", events["also"])
    place = events.schema.get_field_index("also")
    kept = events.set_column(place, events.schema.field(place), beside).filter(pc.invert(theirs))
    met = batch.exposures.filter(pc.invert(pc.is_in(batch.exposures["customer"], value_set=gone)))
    return EventBatch(events=kept, exposures=met), tuple(theirs.to_pylist())


def admitted_rows(context: Context, rows: Sequence[Quarantined]) -> tuple[list[Quarantined], tuple[bool, ...]]:
    """The bad rows that name nobody who was erased, and which of all do."""
    if not rows or not ERASED_MANY.read(context.store):
        return list(rows), ()
    theirs = tuple(bool(erased_among(context, values_of(row))) for row in rows)
    return [row for row, gone in zip(rows, theirs, strict=True) if not gone], theirs


def bury(context: Context, ids: Iterable[str], *, main: Iterable[str], at: datetime) -> int:
    """Keep the marks of ids, in the transaction that forgets them, and list them apart; how many are new.

    ``main`` are those of them by which their customers were known or asked for.
    """
    marks = {_mark(context, id_): False for id_ in ids} | {_mark(context, id_): True for id_ in main}
    new = keep_marks(context, {mark: Tombstone(at=at, main=is_main) for mark, is_main in marks.items()})
    context.withdrawn(
        [Withdrawal(kind="erased", id=mark, time=at, name="main" if each.main else "") for mark, each in new.items()]
    )
    return len(new)


def keep_marks(context: Context, marks: Mapping[str, Tombstone]) -> Mapping[str, Tombstone]:
    """Keep marks; those that are new."""
    with context.store.commit():
        new = {mark: each for mark, each in marks.items() if ERASED_IDS.read(context.store, mark) is None}
        ERASED_IDS.write_all(context.store, new)
        _count(context, len(new))
    return new


def exhume(context: Context, ids: Iterable[str]) -> frozenset[str]:
    """Let ids come back that were erased; which of them were."""
    found = erased_among(context, ids)
    let_go(context, {_mark(context, id_) for id_ in found})
    return found


def let_go(context: Context, marks: Collection[str]) -> None:
    """Keep marks no more."""
    with context.store.commit():
        there = {mark for mark in marks if ERASED_IDS.read(context.store, mark) is not None}
        ERASED_IDS.write_all(context.store, dict.fromkeys(there))
        _count(context, -len(there))


def _mark(context: Context, id_: str) -> str:
    return tombstone_of(id_, salt=context.settings.salt)


def _count(context: Context, more: int) -> None:
    now = (ERASED_MANY.read(context.store) or 0) + more
    if more:
        ERASED_MANY.write(context.store, now or None)


def filled(stored: Sequence[bool], refused: Sequence[bool]) -> tuple[bool, ...]:
    """What became of those that were let in, as of all: nothing became of the others.

    >>> filled([True], [True, False])
    (False, True)
    """
    if not refused:
        return tuple(stored)
    found = np.zeros(len(refused), np.bool_)
    found[~np.array(refused, np.bool_)] = stored
    return tuple(found.tolist())
