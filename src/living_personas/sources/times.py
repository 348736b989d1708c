"""When a row happened: read from a column, or spread evenly over days by the hash of its id."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from living_personas.domain.settings import SourceTime
from living_personas.errors import IngestError
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.values import shown

__all__ = ["Clock", "clock_of", "read_time", "spread_days"]

Clock = Callable[[Row, str], datetime]
"""The time of a row, given the row and its id, in UTC."""

_NOON = time(12)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PROBE = datetime(2023, 11, 29, 13, 45, tzinfo=UTC)
_LEAST_EPOCH = 1e8
"""March 1973 in seconds: a smaller number is a count or a date without dashes, and would be read as 1970."""
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From how large on a number is nano-, micro- and milliseconds; in seconds 1e11 would be the year 5138."""
_YEARS = range(1900, 2200)
_CLOCK_MARKS = ("%H", "%I", "%c", "%X")


def clock_of(where: SourceTime, *, source: str, zone: ZoneInfo, seed: int | None) -> Clock:
    """How the rows of a source are dated.

    Raises
    ------
    IngestError
        If the source names neither a column nor days, or a seed is given to rows that have times of their own.
    """
    if where.column is not None:
        if seed is not None:
            raise IngestError(
                f"Source {source!r} has times in column {where.column!r}; a seed cannot change their order.",
                hint="give a seed only where the source says `time: {start, days}`.",
            )
        if where.format is not None:
            _check_pattern(where.format, source=source)
        return _column_clock(where.column, where.format, zone=zone)
    if where.start is None or where.days is None or where.days < 1:
        raise IngestError(
            f"Source {source!r} does not say when its rows happened.",
            hint="write `time: <column>`, or `time: {start: 2026-01-01, days: 14}` to replay finished rows as days.",
        )
    days = spread_days(where.start, where.days, seed=seed)
    return lambda _, id_: _at_noon(days[_hash(f"{source}|{id_}") % len(days)], zone=zone)


def spread_days(start: date, days: int, *, seed: int | None) -> tuple[date, ...]:
    """The days that rows are spread over, in order or permuted by the seed.

    >>> [day.day for day in spread_days(date(2026, 1, 1), 4, seed=None)]
    [1, 2, 3, 4]
    """
    order = list(range(days))
    if seed is not None:
        random.Random(seed).shuffle(order)  # noqa: S311 - an order that can be asked for again, not a secret
    return tuple(start + timedelta(days=place) for place in order)


def read_time(found: object, *, zone: ZoneInfo, pattern: str | None = None) -> datetime | None:
    """The time that a value means, in UTC; None if it means none. Dates are noon, and times without zone are local.

    >>> read_time("2026-03-01T10:00:00", zone=ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-01T09:00:00+00:00'
    >>> read_time(1767225600000, zone=ZoneInfo("UTC")).isoformat()
    '2026-01-01T00:00:00+00:00'
    """
    if isinstance(found, bool):
        return None
    if pattern is not None and isinstance(found, str | int | float):
        found = _by_pattern(_digits(found), pattern)
    if isinstance(found, str) and found[4:5] != "-":  # a year comes first in nearly every time
        found = _number(found)
    if isinstance(found, str):
        found = _iso(found)
    elif isinstance(found, int | float):
        found = _from_epoch(found)
    return _settled(found, zone=zone)


def _column_clock(column: str, pattern: str | None, *, zone: ZoneInfo) -> Clock:
    def clock(row: Row, _: str) -> datetime:
        found = row.get(column)
        if found is None or (isinstance(found, str) and not found.strip()):
            raise BadRowError("missing time", f"column {column!r} is empty")
        moment = read_time(found, zone=zone, pattern=pattern)
        if moment is None:
            raise BadRowError("bad time", f"column {column!r} holds {shown(found)}, {_advice(found, pattern)}")
        return moment

    return clock


def _check_pattern(pattern: str, *, source: str) -> None:
    try:
        known = datetime.strptime(_PROBE.strftime(pattern), pattern).year == _PROBE.year  # noqa: DTZ007 - only the year
    except ValueError:
        known = False
    if not known or ("%Z" in pattern and "%z" not in pattern):
        raise IngestError(
            f"Source {source!r} has the time format {pattern!r}, which does not read a whole date.",
            hint="use the codes of strptime, such as '%d.%m.%Y %H:%M'; an offset is %z, and %Z is ambiguous.",
        )


def _advice(found: object, pattern: str | None) -> str:
    if pattern is not None:
        return f"which is not of the format {pattern!r}"
    if isinstance(found, int | float) or _number(str(found)) is not found:
        return "which is no epoch in seconds or milliseconds; declare a `format` if it is a date"
    return "which is not an ISO 8601 time between 1900 and 2199; declare its `format`"


def _settled(found: object, *, zone: ZoneInfo) -> datetime | None:
    """In UTC, if it is a time at all and in a year that a store can hold."""
    if isinstance(found, datetime):
        if found.year not in _YEARS:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(found, date):
        return _at_noon(found, zone=zone) if found.year in _YEARS else None
    return None


def _number(text: str) -> float | str:
    """Text that is nothing but a number, as a number."""
    bare = text.strip().removeprefix("-")
    return float(text) if bare.isascii() and bare.replace(".", "", 1).isdigit() else text


def _from_epoch(found: float) -> datetime | None:
    size = next((unit for least, unit in _UNITS if abs(found) >= least), 1.0)
    try:
        moment = _EPOCH + timedelta(microseconds=round(found * (1e6 / size)))
    except (OverflowError, ValueError):
        return None
    return moment if found >= _LEAST_EPOCH else None


def _digits(found: str | float) -> str:
    """The text that a pattern reads; frames turn whole numbers into floats where a value is missing."""
    return str(int(found)) if isinstance(found, float) and found.is_integer() else str(found).strip()


def _iso(text: str) -> datetime | date | None:
    bare = text.strip()
    if bare.endswith(" UTC"):
        bare = bare.removesuffix(" UTC") + "+00:00"
    try:
        return date.fromisoformat(bare) if len(bare) <= len("2026-01-01") else datetime.fromisoformat(bare)
    except ValueError:
        return None


def _by_pattern(text: str, pattern: str) -> datetime | date | None:
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller gives it the workspace's zone
    except ValueError:
        return None
    return moment if any(mark in pattern for mark in _CLOCK_MARKS) else moment.date()


def _at_noon(day: date, *, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, _NOON, tzinfo=zone).astimezone(UTC)


def _hash(text: str) -> int:
    return int(hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:8], 16)
