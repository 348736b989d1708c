"""A block of rows becomes events in columns; what columns cannot tell goes to the row reader, row by row."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Quarantined
from living_personas.domain.value import value
from living_personas.rules.parse import parse
from living_personas.sources.blocks import Block, Mask, mask_of
from living_personas.sources.column_batches import ByRow, EventPart, batch_of
from living_personas.sources.column_events import Events, events_in
from living_personas.sources.column_exposures import Met, Shared, met_in, says_option
from living_personas.sources.column_rows import counted, fits_columns, ids_by_content, too_large
from living_personas.sources.column_times import Dated, dated
from living_personas.sources.column_values import Texts, ids_in, texts_in
from living_personas.sources.local_times import Micros, at_midnight, micros_of
from living_personas.sources.mapping import outcomes_of
from living_personas.sources.roles import travelling_columns
from living_personas.sources.rows import Row, Unreadable
from living_personas.sources.source_reading import SourceReading
from living_personas.sources.times import ColumnClock, SpreadClock

__all__ = ["dating_columns", "map_block", "times_in"]


def map_block(block: Block, reading: SourceReading) -> tuple[EventBatch, tuple[Quarantined, ...]]:
    """The events of a block's rows, and the rows that are none: what ``map_row`` says of each, in their order."""
    if fits_columns(block, reading):
        return _in_columns(block, reading)
    by_rows = _ByRows(block, reading, None, range(block.size))
    for place in range(block.size):
        by_rows.read(place)
    return batch_of([], by_rows.events, zone=reading.zone), tuple(by_rows.quarantined)


def times_in(block: Block, reading: SourceReading) -> Micros:
    """When the rows that the source wants happened, as far as they say so."""
    clock = reading.clock
    if not isinstance(clock, ColumnClock) or not fits_columns(block, reading):
        found: Micros = map_block(block, reading)[0].events["time"].cast(pa.int64()).to_numpy()
        return found
    when = _when(block, None, reading)
    return when.times[when.known & counted(block, reading)]


def dating_columns(reading: SourceReading) -> frozenset[str] | None:
    """The columns that ``times_in`` needs; None if it takes the others to know."""
    source, clock = reading.source, reading.clock
    if not isinstance(clock, ColumnClock) or any("." in name for name in reading.columns):
        return None
    asked = {name for name, _ in parse(source.where).columns} if source.where else set()
    option = source.exposure.option if source.exposure else None
    return frozenset({clock.column, *asked} | ({option} if option else set()))


def _in_columns(block: Block, reading: SourceReading) -> tuple[EventBatch, tuple[Quarantined, ...]]:
    wanted = counted(block, reading)
    travelling = travelling_columns(reading.source, tuple(block.columns or ()))
    ids = _ids(block, wanted, reading)
    begun = pc.binary_join_element_wise(f"{reading.source.name}:", ids.texts, "")
    who = _who(block, begun, reading)
    when = _when(block, ids.texts, reading)
    met = met_in(block, reading)
    happened = events_in(block, when.times, travelling, met.option if met else None, reading)
    bad = too_large(block, travelling, reading) | ids.bad | who.bad | ~when.known | happened.bad
    bad = bad | met.bad if met else bad
    bad[list(block.unreadable)] = True
    unread = np.flatnonzero(wanted & bad)
    by_rows = _ByRows(block, reading, None if reading.source.message_id else ids.texts, unread.tolist())
    easy = wanted & ~bad
    shown: dict[str, pa.Array] | None = None
    if met:
        shared = Shared(block, met, reading)
        easy &= ~shared.settle(easy & mask_of(pc.not_equal(met.option, "")), unread, by_rows.read)
        shown = _shown(met, shared, reading)
    else:
        for place in unread.tolist():
            by_rows.read(place)
    if isinstance(reading.clock, ColumnClock):
        reading.clock.days += int((easy & when.by_day).sum())
        moments = easy & ~when.by_day
        reading.clock.moments += int(moments.sum())
        reading.clock.midnights += int(at_midnight(when.times[moments], reading.clock.zone).sum())
    parts = [_part(events, easy, begun, who, shown) for events in happened.events]
    return batch_of(parts, by_rows.events, zone=reading.zone), tuple(by_rows.quarantined)


class _ByRows:
    """Reads single rows, and keeps what they became."""

    def __init__(self, block: Block, reading: SourceReading, ids: pa.StringArray | None, places: Iterable[int]) -> None:
        self._block, self._reading, self._ids = block, reading, ids
        places = list(places)
        self._rows: dict[int, Row | Unreadable] = dict(zip(places, block.take(places), strict=True))
        self.events: list[ByRow] = []
        self.quarantined: list[Quarantined] = []

    def read(self, place: int) -> None:
        """Read the row at a place."""
        row = self._rows.get(place)
        if row is None:
            (row,) = self._block.take([place])
        known = "" if self._ids is None else self._ids[place].as_py()
        for outcome in outcomes_of(row, self._block.first + place, fallback=known, reading=self._reading):
            if isinstance(outcome, Quarantined):
                self.quarantined.append(outcome)
            else:
                self.events += [(place, event) for event in outcome or ()]


@value
class _Who:
    """Whose row each is, and who else that shows to be the same."""

    customer: pa.StringArray
    also: pa.StringArray
    bad: Mask


def _ids(block: Block, wanted: Mask, reading: SourceReading) -> Texts:
    """What the message ids of each row begin with, without the name of the source."""
    column = reading.source.message_id
    if column is not None:
        found = texts_in(block.column(column), column, reason="missing message id")
        return Texts(texts=found.texts, bad=found.bad | mask_of(pc.equal(found.texts, "")))
    ids = pa.array(ids_by_content(block, wanted, reading), pa.string())
    if not wanted.all():
        ids = pc.fill_null(ids.take(pa.array(np.cumsum(wanted) - 1, mask=~wanted)), "")
    return Texts(texts=ids, bad=np.zeros(block.size, np.bool_))


def _who(block: Block, rows: pa.StringArray, reading: SourceReading) -> _Who:
    source, nobody = reading.source, reading.intake.nobody
    if source.customer is None:
        return _Who(customer=rows, also=pa.repeat("", block.size), bad=np.zeros(block.size, np.bool_))
    known = ids_in(block.column(source.customer), source.customer, nobody=nobody)
    if source.anonymous is None:
        blank = mask_of(pc.equal(known.texts, ""))
        return _Who(customer=known.texts, also=pa.repeat("", block.size), bad=known.bad | blank)
    anonymous = ids_in(block.column(source.anonymous), source.anonymous, nobody=nobody)
    customer = pc.if_else(pc.equal(known.texts, ""), anonymous.texts, known.texts)
    also = pc.if_else(pc.equal(anonymous.texts, customer), "", anonymous.texts)
    return _Who(customer=customer, also=also, bad=known.bad | anonymous.bad | mask_of(pc.equal(customer, "")))


def _when(block: Block, ids: pa.StringArray | None, reading: SourceReading) -> Dated:
    clock = reading.clock
    if isinstance(clock, ColumnClock):
        return dated(block.column(clock.column), clock, met=says_option(block, reading))
    if ids is None or not isinstance(clock, SpreadClock):
        raise TypeError(f"{type(clock).__name__} does not date columns")
    noons = np.array([micros_of(noon) for noon in clock.noons], np.int64)
    times = noons[[clock.place(id_) for id_ in ids.to_pylist()]]
    return Dated(times=times, known=np.ones(block.size, np.bool_), by_day=np.zeros(block.size, np.bool_))


def _shown(met: Met, shared: Shared, reading: SourceReading) -> dict[str, pa.Array]:
    """What only exposures have, with NULL as the option where none was met."""
    policy, share = shared.answers()
    size = len(policy)
    exposure = reading.source.exposure
    return {
        "attribute": pa.repeat(exposure.attribute if exposure else "", size),
        "option": pc.if_else(pc.equal(met.option, ""), pa.scalar(None, pa.string()), met.option),
        "persona": met.persona,
        "policy": policy,
        "epoch": met.epoch,
        "stratum": met.stratum,
        "propensity": share,
        "decision_id": pa.repeat("", size),
        "holdout": pa.repeat(False, size),  # noqa: FBT003 - a column of it
    }


def _part(events: Events, easy: Mask, ids: pa.StringArray, who: _Who, shown: dict[str, pa.Array] | None) -> EventPart:
    rows = easy & events.there
    texts = {
        "message_id": pc.binary_join_element_wise(ids, events.suffix, "") if events.suffix else ids,
        "customer": who.customer,
        "also": who.also,
        "name": events.name,
        "channel": events.channel,
        "properties": events.properties,
    }
    met = shown if events.met else None
    if rows.all():
        return EventPart(places=np.arange(len(rows)), times=events.times, texts=texts, met=met)
    some = pa.array(rows)
    return EventPart(
        places=np.flatnonzero(rows),
        times=events.times[rows],
        texts={name: each.filter(some) for name, each in texts.items()},
        met={name: each.filter(some) for name, each in met.items()} if met else None,
    )
