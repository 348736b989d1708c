"""Files and frames, read: a stream of what could be loaded, chunk by chunk, and of what could not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from living_personas.domain.event import Event, Quarantined
from living_personas.domain.settings import Source
from living_personas.domain.value import value
from living_personas.sources.frames import open_rows
from living_personas.sources.mapping import map_row
from living_personas.sources.payload import unpack
from living_personas.sources.reading import Reading
from living_personas.sources.roles import check_sense, check_source
from living_personas.sources.rows import Chunk, Row, Rows, Unreadable
from living_personas.sources.shares import Shares
from living_personas.sources.times import clock_of

__all__ = ["Loaded", "Policies", "read", "replay"]

Policies = Mapping[str, Mapping[str, float]]
"""The share of each option, by policy."""


@value
class Loaded:
    """What one chunk of rows became.

    Each row is either quarantined or gives events (a wide row in which nothing is said or done gives none): a receipt
    counts one for every event and one for every quarantined row (``received``). ``policies`` holds all shares known so
    far, not only those of this chunk. ``first`` and ``last`` are the local days of the events.
    """

    events: tuple[Event, ...]
    quarantined: tuple[Quarantined, ...]
    policies: Policies
    rows: int
    first: date | None
    last: date | None

    @property
    def received(self) -> int:
        """What a receipt of this chunk adds up to."""
        return len(self.events) + len(self.quarantined)


def read(
    data: str | Path | object,
    source: Source,
    *,
    zone: ZoneInfo,
    seed: int | None = None,
    policies: Policies | None = None,
) -> Iterator[Loaded]:
    """Load the rows of a file or frame as ``source`` maps them, in bounded memory.

    Parameters
    ----------
    data
        Whatever ``open_rows`` opens, or rows that it has opened.
    zone
        The workspace's time zone: of times without one, and of days.
    seed
        Permutes the days of a source that spreads its rows over days.
    policies
        The shares known from earlier files; rows that contradict them are quarantined.

    Raises
    ------
    IngestError
        Before the first chunk, if the mapping and the file do not fit together.
    """
    rows = open_rows(data)
    check_source(source, rows)
    reading = _reading(source, zone=zone, seed=seed, policies=policies, typed=rows.typed)
    return (_load(chunk, rows=rows, reading=reading) for chunk in rows)


def replay(
    rows: Sequence[Quarantined],
    source: Source,
    *,
    zone: ZoneInfo,
    seed: int | None = None,
    policies: Policies | None = None,
) -> Loaded:
    """Map quarantined rows again, after the mapping or their payload was mended.

    Events get the ids that they would have had the first time, so that replaying twice records once. Rows that still
    fail come back with their payload as it was.
    """
    check_sense(source)
    typed = _reading(source, zone=zone, seed=seed, policies=policies, typed=True)
    text = replace(typed, typed=False)
    outcomes: list[tuple[Event, ...] | Quarantined] = []
    for held in rows:
        found = unpack(held.payload)
        if found is None:
            outcomes.append(held)
            continue
        row, has_types = found
        mapped = map_row(row, held.row, fallback=_fallback(held), reading=typed if has_types else text)
        outcomes.append(replace(mapped, payload=held.payload) if isinstance(mapped, Quarantined) else mapped)
    return _loaded(outcomes, reading=typed)


def _reading(source: Source, *, zone: ZoneInfo, seed: int | None, policies: Policies | None, typed: bool) -> Reading:
    clock = clock_of(source.time, source=source.name, zone=zone, seed=seed)
    shares = Shares(source.exposure, source=source.name, known=policies) if source.exposure else None
    return Reading.of(source, zone=zone, clock=clock, shares=shares, typed=typed)


def _load(chunk: Chunk, *, rows: Rows, reading: Reading) -> Loaded:
    first, found = chunk
    return _loaded(
        [_outcome(row, number, name=rows.name, reading=reading) for number, row in enumerate(found, start=first)],
        reading=reading,
    )


def _outcome(row: Row | Unreadable, number: int, *, name: str, reading: Reading) -> tuple[Event, ...] | Quarantined:
    source = reading.source
    fallback = f"{name}:{number}"
    if not isinstance(row, Unreadable):
        return map_row(row, number, fallback=fallback, reading=reading)
    return Quarantined(
        source=source.name,
        row=number,
        reason=row.reason,
        detail=row.detail,
        payload=row.raw,
        message_id="" if source.message_id else f"{source.name}:{fallback}",
    )


def _loaded(outcomes: Sequence[tuple[Event, ...] | Quarantined], *, reading: Reading) -> Loaded:
    events = tuple(event for outcome in outcomes if not isinstance(outcome, Quarantined) for event in outcome)
    times = [event.time for event in events]
    return Loaded(
        events=events,
        quarantined=tuple(outcome for outcome in outcomes if isinstance(outcome, Quarantined)),
        policies=reading.shares.met() if reading.shares else {},
        rows=len(outcomes),
        first=min(times).astimezone(reading.zone).date() if times else None,
        last=max(times).astimezone(reading.zone).date() if times else None,
    )


def _fallback(held: Quarantined) -> str:
    """The id that the row had the first time, without the source's name before it."""
    return held.message_id.removeprefix(f"{held.source}:") or f"row:{held.row}"
