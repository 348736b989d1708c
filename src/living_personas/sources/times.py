"""When a row happened: read from a column, or spread evenly over days by the hash of its id."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from living_personas.domain.moment import Role, settled, understood
from living_personas.domain.settings import SourceTime
from living_personas.errors import BadValueError, IngestError
from living_personas.sources.intake import Intake
from living_personas.sources.rows import BadRowError, Row

__all__ = ["Clock", "ColumnClock", "SpreadClock", "clock_of", "is_midnight", "spread_days"]

_NOON = time(12)
_PROBE = datetime(2023, 11, 29, 13, 45, tzinfo=UTC)


class Clock(Protocol):
    """Dates rows."""

    def __call__(self, row: Row, id_: str, role: Role) -> datetime:
        """The time of a row, given its id and what it tells of, in UTC."""
        ...


def clock_of(where: SourceTime, *, source: str, zone: ZoneInfo, seed: int | None, intake: Intake) -> Clock:
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
        own = ZoneInfo(where.zone) if where.zone else zone
        return ColumnClock(where.column, where.format, zone=own, intake=intake, only_days=where.precision == "day")
    if where.start is None or where.days is None or where.days < 1:
        raise IngestError(
            f"Source {source!r} does not say when its rows happened.",
            hint="write `time: <column>`, or `time: {start: 2026-01-01, days: 14}` to replay finished rows as days.",
        )
    return SpreadClock(spread_days(where.start, where.days, seed=seed), source=source, zone=zone)


def spread_days(start: date, days: int, *, seed: int | None) -> tuple[date, ...]:
    """The days that rows are spread over, in order or permuted by the seed.

    >>> [day.day for day in spread_days(date(2026, 1, 1), 4, seed=None)]
    [1, 2, 3, 4]
    """
    order = list(range(days))
    if seed is not None:
        random.Random(seed).shuffle(order)  # noqa: S311 - an order that can be asked for again, not a secret
    return tuple(start + timedelta(days=place) for place in order)


class ColumnClock:
    """Reads a column, and counts how many rows are known only by their ``days`` and how many by their ``moments``.

    So many of the moments are ``midnights``, in the zone or in UTC: where most are, they are days.
    """

    def __init__(
        self, column: str, pattern: str | None, *, zone: ZoneInfo, intake: Intake, only_days: bool = False
    ) -> None:
        self.column, self.pattern, self.zone, self.intake = column, pattern, zone, intake
        self.only_days = only_days
        self.days = self.moments = self.midnights = 0

    def __call__(self, row: Row, id_: str, role: Role) -> datetime:  # noqa: ARG002 - every clock's form
        """The time in the column.

        Raises
        ------
        BadRowError
            If there is none, or it cannot be.
        """
        found = self.understood(row.get(self.column))
        moment = settled(found, zone=self.zone, role=role)
        if isinstance(found, datetime):
            self.moments += 1
            self.midnights += is_midnight(moment, self.zone)
            self.intake.check_time(moment)
        else:
            self.days += 1
            self.intake.check_time(settled(found, zone=self.zone, role="exposure"))
        return moment

    def understood(self, said: object) -> datetime | date:
        """The time or the day that a value of the column says.

        Raises
        ------
        BadRowError
            If it says none.
        """
        try:
            found = understood(said, self.pattern, zone=self.zone)
            return _day_of(found, self.zone) if self.only_days and isinstance(found, datetime) else found
        except BadValueError as error:
            raise BadRowError.of(error, self.column) from error


class SpreadClock:
    """Gives each row a day by the hash of its id: one of the ``noons``."""

    def __init__(self, days: tuple[date, ...], *, source: str, zone: ZoneInfo) -> None:
        self.noons = tuple(datetime.combine(day, _NOON, tzinfo=zone).astimezone(UTC) for day in days)
        self._source = source

    def __call__(self, row: Row, id_: str, role: Role) -> datetime:  # noqa: ARG002 - every clock's form
        """The day of an id."""
        return self.noons[self.place(id_)]

    def place(self, id_: str) -> int:
        """Which of the days is that of an id."""
        return _hash(f"{self._source}|{id_}") % len(self.noons)


def is_midnight(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether a day begins then, in the zone or in UTC."""
    return time() in (moment.time(), moment.astimezone(zone).time())


def _day_of(found: datetime, zone: ZoneInfo) -> date:
    """The day of a midnight as it is written, wherever that is; else the day in the zone."""
    return found.date() if found.tzinfo is None or found.time() == time() else found.astimezone(zone).date()


def _check_pattern(pattern: str, *, source: str) -> None:
    try:
        known = datetime.strptime(_PROBE.strftime(pattern), pattern).year == _PROBE.year  # noqa: DTZ007 - only the year
    except ValueError:
        known = False
    if not known or ("%Z" in pattern and "%z" not in pattern):
        raise IngestError(
            f"Source {source!r} has the time format {pattern!r}, which does not read a whole date.",
            hint="use the codes of strptime, such as '%d.%m.%Y %H:%M'; an offset is %z, a zone at the end needs none.",
        )


def _hash(text: str) -> int:
    return int(hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:8], 16)
