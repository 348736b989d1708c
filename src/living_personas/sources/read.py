"""Files and frames, read: a stream of what could be loaded, chunk by chunk, and of what could not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Event, Quarantined
from living_personas.domain.settings import Source
from living_personas.domain.value import value
from living_personas.sources.blocks import Block
from living_personas.sources.column_mapping import dating_columns, map_block, times_in
from living_personas.sources.frames import open_source
from living_personas.sources.intake import Intake
from living_personas.sources.local_times import Micros
from living_personas.sources.mapping import Outcome, outcomes_of
from living_personas.sources.opened_rows import Rows
from living_personas.sources.payload import unpack
from living_personas.sources.roles import check_sense, check_source, telling_columns
from living_personas.sources.row_ids import RowIds
from living_personas.sources.rows import Chunk, Row, Unreadable
from living_personas.sources.shares import Shares
from living_personas.sources.source_reading import SourceReading
from living_personas.sources.times import ColumnClock, clock_of

__all__ = ["Loaded", "Policies", "Previewed", "preview", "read", "replay", "times_said"]

Policies = Mapping[str, Mapping[str, float]]
"""The share of each option, by policy."""

_ANYHOW = Intake()


@value
class Previewed:
    """A row and what it would become: events, a row of the quarantine, or None if the source does not want it.

    A row of which a source takes an array apart comes once for each element. ``by_day`` says that only the day is
    known.
    """

    number: int
    row: Row | Unreadable
    outcome: tuple[Event, ...] | Quarantined | None
    by_day: bool


@value
class Loaded:
    """What one chunk of rows became.

    Each row is either quarantined or gives events (a wide row in which nothing is said or done gives none, nor does a
    row that the source does not want): a receipt counts one for every event and one for every quarantined row
    (``received``). ``policies`` holds all shares known so far, not only those of this chunk. ``first`` and ``last`` are
    the local days of the events. ``days`` of the rows so far were known by their day alone, ``moments`` by their time,
    of which so many (``midnights``) are midnight.
    """

    batch: EventBatch
    quarantined: tuple[Quarantined, ...]
    policies: Policies
    rows: int
    first: date | None
    last: date | None
    days: int = 0
    moments: int = 0
    midnights: int = 0

    @property
    def times(self) -> Micros:
        """The times of the events, in microseconds since 1970."""
        found: Micros = self.batch.events["time"].cast(pa.int64()).to_numpy()
        return found

    @property
    def received(self) -> int:
        """What a receipt of this chunk adds up to."""
        return len(self.batch) + len(self.quarantined)


def read(
    data: str | Path | object,
    source: Source,
    *,
    zone: ZoneInfo,
    seed: int | None = None,
    policies: Policies | None = None,
    intake: Intake = _ANYHOW,
    told_by: Iterable[str] | None = None,
    row_by_row: bool = False,
) -> Iterator[Loaded]:
    """Load the rows of a file or frame as ``source`` maps them, in bounded memory.

    Parameters
    ----------
    data
        Whatever ``open_source`` opens, or rows that it has opened.
    zone
        The workspace's time zone: of times without one, and of days.
    seed
        Permutes the days of a source that spreads its rows over days.
    policies
        The shares known from earlier files; rows that contradict them are quarantined.
    intake
        How the workspace reads values.
    told_by
        The columns by which rows without an id are told apart; those that the source names unless given.
    row_by_row
        Read without columns: the same answer in ten times the time, to hold the two against each other.

    Raises
    ------
    IngestError
        Before the first chunk, if the mapping and the file do not fit together.
    """
    rows = open_source(data, source)
    check_source(source, rows)
    ids = RowIds(telling_columns(source, rows.columns) if told_by is None else told_by)
    reading = _reading(source, zone=zone, seed=seed, policies=policies, intake=intake, typed=rows.typed, ids=ids)
    reading = replace(reading, narrow=rows.narrow)
    if row_by_row:
        return (_load_rows(chunk, reading=reading) for chunk in rows)
    return (_load(block, reading=reading) for block in rows.blocks())


def times_said(rows: Rows, source: Source, *, zone: ZoneInfo, intake: Intake = _ANYHOW) -> Iterator[Micros]:
    """When the rows of a file happened, block by block, of those rows whose time can be read.

    Raises
    ------
    IngestError
        As ``read`` does.
    """
    check_source(source, rows)
    ids = RowIds(telling_columns(source, rows.columns))
    reading = _reading(source, zone=zone, seed=None, policies=None, intake=intake, typed=rows.typed, ids=ids)
    reading = replace(reading, narrow=rows.narrow)
    dating = dating_columns(reading)
    return (times_in(block, reading) for block in (rows.blocks() if dating is None else rows.blocks_with(dating)))


def replay(
    rows: Sequence[Quarantined],
    source: Source,
    *,
    zone: ZoneInfo,
    seed: int | None = None,
    policies: Policies | None = None,
    intake: Intake = _ANYHOW,
) -> Loaded:
    """Map quarantined rows again, after the mapping or their payload was mended.

    Events get the ids that they would have had the first time, so that replaying twice records once. Rows that still
    fail come back with their payload as it was.
    """
    check_sense(source)
    ids = RowIds(())
    typed = _reading(source, zone=zone, seed=seed, policies=policies, intake=intake, typed=True, ids=ids)
    text = replace(typed, typed=False)
    outcomes: list[Outcome] = []
    for held in rows:
        found = unpack(held.payload)
        if found is None:
            outcomes.append(held)
            continue
        row, has_types = found
        mapped = list(outcomes_of(row, held.row, fallback=_fallback(held), reading=typed if has_types else text))
        outcomes += [
            replace(each, payload=held.payload) if isinstance(each, Quarantined) and len(mapped) == 1 else each
            for each in mapped
        ]
    return replace(_sorted(outcomes, rows=len(rows), reading=typed), days=0, moments=0, midnights=0)


def preview(
    data: str | Path | object,
    source: Source,
    *,
    zone: ZoneInfo,
    policies: Policies | None = None,
    intake: Intake = _ANYHOW,
    most: int,
) -> Iterator[Previewed]:
    """The first rows of a file or frame, and what ``read`` would make of each.

    Raises
    ------
    IngestError
        As ``read`` does.
    """
    rows = open_source(data, source, chunk=most)
    check_source(source, rows)
    ids = RowIds(telling_columns(source, rows.columns))
    reading = _reading(source, zone=zone, seed=None, policies=policies, intake=intake, typed=rows.typed, ids=ids)
    return takewhile(lambda each: each.number <= most, _previewed(rows, replace(reading, narrow=rows.narrow)))


def _previewed(rows: Rows, reading: SourceReading) -> Iterator[Previewed]:
    clock = reading.clock
    for first, found in rows:
        for number, row in enumerate(found, start=first):
            days = clock.days if isinstance(clock, ColumnClock) else 0
            for outcome in outcomes_of(row, number, fallback="", reading=reading):
                by_day = isinstance(clock, ColumnClock) and clock.days > days
                days = clock.days if isinstance(clock, ColumnClock) else 0
                yield Previewed(number=number, row=row, outcome=outcome, by_day=by_day)


def _reading(
    source: Source,
    *,
    zone: ZoneInfo,
    seed: int | None,
    policies: Policies | None,
    intake: Intake,
    typed: bool,
    ids: RowIds,
) -> SourceReading:
    clock = clock_of(source.time, source=source.name, zone=zone, seed=seed, intake=intake)
    shares = Shares(source.exposure, source=source.name, known=policies) if source.exposure else None
    return SourceReading.of(
        source, zone=zone, clock=clock, intake=intake, shares=shares, typed=typed, ids=ids, narrow={}
    )


def _load(block: Block, *, reading: SourceReading) -> Loaded:
    batch, quarantined = map_block(block, reading)
    return _loaded(batch, quarantined, rows=block.size, reading=reading)


def _load_rows(chunk: Chunk, *, reading: SourceReading) -> Loaded:
    first, found = chunk
    outcomes = [
        outcome
        for number, row in enumerate(found, start=first)
        for outcome in outcomes_of(row, number, fallback="", reading=reading)
    ]
    return _sorted(outcomes, rows=len(found), reading=reading)


def _sorted(outcomes: Sequence[Outcome], *, rows: int, reading: SourceReading) -> Loaded:
    events = [event for each in outcomes if each is not None and not isinstance(each, Quarantined) for event in each]
    quarantined = tuple(each for each in outcomes if isinstance(each, Quarantined))
    return _loaded(EventBatch.of(events, zone=reading.zone), quarantined, rows=rows, reading=reading)


def _loaded(batch: EventBatch, quarantined: tuple[Quarantined, ...], *, rows: int, reading: SourceReading) -> Loaded:
    times = pc.min_max(batch.events["time"]).as_py()
    clock = reading.clock
    return Loaded(
        batch=batch,
        quarantined=quarantined,
        policies=reading.shares.met() if reading.shares else {},
        rows=rows,
        first=times["min"].astimezone(reading.zone).date() if times["min"] else None,
        last=times["max"].astimezone(reading.zone).date() if times["max"] else None,
        days=clock.days if isinstance(clock, ColumnClock) else 0,
        moments=clock.moments if isinstance(clock, ColumnClock) else 0,
        midnights=clock.midnights if isinstance(clock, ColumnClock) else 0,
    )


def _fallback(held: Quarantined) -> str:
    """The id that the row had the first time, without the source's name before it."""
    return held.message_id.removeprefix(f"{held.source}:") or f"row:{held.row}"
