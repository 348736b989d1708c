"""The events of a block put together: those in columns and those that were read row by row, in the rows' order."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA, EventBatch
from living_personas.domain.event import Event
from living_personas.domain.value import value
from living_personas.sources.blocks import Mask, Places
from living_personas.sources.local_times import Micros, as_local

__all__ = ["ByRow", "EventPart", "batch_of"]

ByRow = tuple[int, Event]
"""The place of a row, and one of its events."""

_HOUR, _HOURS = 3_600_000_000, 24
_MET = ("persona", "attribute", "option", "policy", "epoch", "stratum", "propensity", "decision_id", "holdout")


@value
class EventPart:
    """At most one event a row: the ``places`` of the rows, and a value for each of these events in every array.

    ``met`` are the columns of exposures that only exposures have, with NULL as the option where nothing was met.
    """

    places: Places
    times: Micros
    texts: dict[str, pa.StringArray]
    met: dict[str, pa.Array] | None = None


def batch_of(parts: Sequence[EventPart], by_row: Sequence[ByRow], *, zone: ZoneInfo) -> EventBatch:
    """All events of a block, sorted by row; in a row those of an earlier part come first.

    As in ``EventBatch.of``, of events with the same message id only the first brings its exposures.
    """
    read = EventBatch.of([event for _, event in by_row], zone=zone)
    if not parts:
        return read
    again = [place == before for (place, _), (before, _) in zip(by_row[1:], by_row, strict=False)]
    turns = _turns([False, *again][: len(by_row)])
    ranks = max(len(parts), int(turns.max(initial=0)) + 1)
    own = np.array([place for place, _ in by_row], np.int64) * ranks + turns
    events = pa.concat_tables([*(_events(part, zone) for part in parts), *([read.events] if by_row else [])])
    keys = np.concatenate([*(part.places * ranks + rank for rank, part in enumerate(parts)), own])
    exposed = [_exposures(part, ranks, rank, zone) for rank, part in enumerate(parts) if part.met is not None]
    if read.exposures.num_rows:
        exposed.append((read.exposures, _keys_of(read.exposures, by_row, own)))
    events, order = _sorted(events, keys)
    if not exposed:
        return EventBatch(events=events, exposures=EXPOSURE_SCHEMA.empty_table())
    exposures = pa.concat_tables([table for table, _ in exposed])
    places = np.concatenate([place for _, place in exposed])
    first = _first_of_each(events["message_id"])
    if not first.all():
        kept = np.isin(places, keys[order][first])
        exposures, places = exposures.filter(pa.array(kept)), places[kept]
    return EventBatch(events=events, exposures=_sorted(exposures, places)[0])


def _events(part: EventPart, zone: ZoneInfo) -> pa.Table:
    local = as_local(part.times, zone) // _HOUR
    arrays = {
        **part.texts,
        "time": pa.array(part.times).cast(EVENT_SCHEMA.field("time").type),
        "day": pa.array((local // _HOURS).astype(np.int32)).cast(pa.date32()),
        "hour": pa.array((local % _HOURS).astype(np.int8)),
    }
    return pa.table([arrays[name] for name in EVENT_SCHEMA.names], schema=EVENT_SCHEMA)


def _exposures(part: EventPart, ranks: int, rank: int, zone: ZoneInfo) -> tuple[pa.Table, Places]:
    met = part.met or {}
    events = _events(part, zone)
    arrays = [met[name] if name in _MET else events[name] for name in EXPOSURE_SCHEMA.names]
    there = pc.is_valid(met["option"])
    table = pa.table(arrays, names=EXPOSURE_SCHEMA.names).filter(there).cast(EXPOSURE_SCHEMA)
    return table, part.places[there.to_numpy(zero_copy_only=False)] * ranks + rank


def _turns(again: Sequence[bool]) -> Places:
    """For events that were read row by row, the how manieth of its row each is, from 0."""
    turns: list[int] = []
    for same in again:
        turns.append(turns[-1] + 1 if same else 0)
    return np.array(turns, np.int64)


def _keys_of(exposures: pa.Table, by_row: Sequence[ByRow], keys: Places) -> Places:
    """The key of the event from which each exposure comes: the first with its message id."""
    first: dict[str, int] = {}
    for (_, event), key in zip(by_row, keys.tolist(), strict=True):
        first.setdefault(event.message_id, key)
    return np.array([first[id_] for id_ in exposures["message_id"].to_pylist()], np.int64)


def _sorted(table: pa.Table, keys: Places) -> tuple[pa.Table, Places]:
    order = np.argsort(keys, kind="stable") if (np.diff(keys) < 0).any() else np.arange(len(keys))
    return (table.take(pa.array(order)) if (np.diff(order) < 0).any() else table), order


def _first_of_each(ids: pa.ChunkedArray) -> Mask:
    """Which texts are the first of their kind."""
    codes = ids.combine_chunks().dictionary_encode().indices.to_numpy()
    highest = np.maximum.accumulate(codes) if len(codes) else codes
    first: Mask = np.diff(highest, prepend=-1) > 0
    return first
