"""When something happened, from whatever a system says: one reader of times for every door."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain, product
from numbers import Integral, Real
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from living_personas.domain.raw import bare, is_absent, shown
from living_personas.domain.zone_names import with_zone
from living_personas.errors import BadValueError, UndeclaredZoneError

__all__ = ["Role", "day_as", "moment", "patterns_of", "settled", "understood"]

Role: TypeAlias = Literal["exposure", "outcome"]
"""What happened: a customer met an option, or did something."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST_EPOCH = 1e8
"""March 1973 in seconds: a smaller number is a serial day, a count, or a date without dashes."""
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From how large on a number is nano-, micro- and milliseconds; in seconds 1e11 would be the year 5138."""
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days are local
_SERIALS = range(29_221, 73_051)
"""Days of spreadsheets from 1980 to 2099. Years, counts of hundreds and days since 1970 lie below."""
_YEARS = range(1900, 2200)
_CLOCK_MARKS = ("%H", "%I", "%c", "%X")


def moment(said: object, *, zone: ZoneInfo, role: Role, pattern: str | None = None) -> datetime:
    """The moment that a value means, in UTC.

    Parameters
    ----------
    said
        A time or date, ISO 8601 text, perhaps with the name of its zone, a number since 1970 (seconds, milli-, micro-
        or nanoseconds, as its size says), a spreadsheet's serial day.
    zone
        Of times and dates that say none: the source's own, or else the workspace's.
    role
        A date without a time is a day: an exposure begins with it, everything else ends with it.
    pattern
        How text is written, as for ``strptime``; if it is given, nothing else is tried.

    Raises
    ------
    BadValueError
        ``missing time`` if nothing was said, ``bad time`` if it is no time between 1900 and 2199.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> moment("2026-03-01T10:00:00", zone=berlin, role="outcome").isoformat()
    '2026-03-01T09:00:00+00:00'
    >>> moment(1767225600000, zone=berlin, role="outcome").isoformat()
    '2026-01-01T00:00:00+00:00'
    >>> [moment("2026-03-01", zone=berlin, role=role).isoformat() for role in ("exposure", "outcome")]
    ['2026-02-28T23:00:00+00:00', '2026-03-01T22:59:59.999999+00:00']
    """
    return settled(understood(said, pattern, zone=zone), zone=zone, role=role)


def understood(said: object, pattern: str | None = None, *, zone: ZoneInfo | None = None) -> datetime | date:
    """What a value says: a date if it is only known by its day, else a time, with or without a zone.

    ``zone`` tells what the letters behind a time mean where its clocks go by them: ``CST`` is that of several zones.

    >>> understood("2026-03-01"), understood("2026-03-01 10:00")
    (datetime.date(2026, 3, 1), datetime.datetime(2026, 3, 1, 10, 0))

    Raises
    ------
    BadValueError
        As ``moment`` does.
    """
    if is_absent(said):
        raise BadValueError("There is no time.", hint="say when it happened.", reason="missing time")
    found = _understood(said, pattern, zone)
    if not isinstance(found, date) or found.year not in _YEARS:
        raise BadValueError(f"{shown(said)} is no time, {_advice(said, pattern)}.", hint=_HINT, reason="bad time")
    return found


def patterns_of(texts: Collection[str]) -> tuple[str, ...]:
    """The usual ways of writing local times that every one of some texts may be written in, as for ``strptime``.

    >>> patterns_of(["14/03/2026", "02/03/2026"]), patterns_of(["02/03/2026"])
    (('%d/%m/%Y',), ('%d/%m/%Y', '%m/%d/%Y'))
    """
    usual = chain(map("".join, product(_DAYS, _CLOCKS)), _WHOLE)
    return tuple(each for each in usual if texts and all(_fits(bare(text), each) for text in texts))


def _fits(text: str, pattern: str) -> bool:
    try:
        return _of_text(text, partial(_by_pattern, pattern=pattern), None) is not None
    except UndeclaredZoneError:
        return True


def settled(found: datetime | date, *, zone: ZoneInfo, role: Role) -> datetime:
    """What was understood, in UTC."""
    if not isinstance(found, datetime):
        return day_as(found, zone=zone, role=role)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def day_as(day: date, *, zone: ZoneInfo, role: Role) -> datetime:
    """The moment that stands for something of which only the day is known: its first, or its last microsecond.

    >>> day_as(date(2026, 3, 1), zone=ZoneInfo("UTC"), role="outcome").isoformat()
    '2026-03-01T23:59:59.999999+00:00'
    """
    if role == "exposure":
        return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    following = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return following.astimezone(UTC) - timedelta(microseconds=1)


_DAYS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y"),
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%d %B %Y"),
    *("%a, %d %b %Y", "%a %b %d %Y", "%d-%m-%y", "%d-%b-%y", "%d %b %y", "%d/%b/%Y"),
    *("%Y\u5e74%m\u6708%d\u65e5", "%Y\ub144 %m\uc6d4 %d\uc77c", "%Y. %m. %d.", "%d. %m. %Y"),
)
_WHOLE = (
    *("%Y%m%d%H%M%S", "%d/%b/%Y:%H:%M:%S", "%a %b %d %H:%M:%S %Y", "%B %d, %Y at %I:%M %p", "%A, %B %d, %Y"),
    *("%d-%b-%y %I.%M.%S.%f %p", "%Y-%m-%d-%H.%M.%S.%f", "%A, %d %B %Y", "%a %d %b %Y"),
)
"""What logs, mail programs and databases write, and no other clock stands behind."""
_CLOCKS = (
    *("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S", ", %I:%M %p", ", %I:%M:%S %p"),
    *(" %H.%M", " %H.%M.%S"),
)

_HINT = "write ISO 8601 with an offset (2026-03-01T10:00:00+01:00), or declare the `format` of the source's times."


def _understood(said: object, pattern: str | None, zone: ZoneInfo | None) -> datetime | date | None:
    if isinstance(said, bool):
        return None
    if pattern is not None and isinstance(said, str | int | float):
        return _of_text(_digits(said), partial(_by_pattern, pattern=pattern), zone)
    if isinstance(said, str):
        number = None if said[4:5] == "-" else _number(said)  # a year comes first in nearly every time
        return _of_text(bare(said), _iso, zone) if number is None else _from_number(number)
    if isinstance(said, Real):
        return _from_number(int(said) if isinstance(said, Integral) else float(said))
    return said if isinstance(said, date) else None


def _advice(said: object, pattern: str | None) -> str:
    if pattern is not None:
        return f"as it is not of the format {pattern!r}"
    if isinstance(said, Real) or (isinstance(said, str) and _number(said) is not None):
        return "neither since 1970 in seconds or milliseconds, nor as a day of a spreadsheet"
    return "as ISO 8601 writes it, between 1900 and 2199"


def _number(text: str) -> float | None:
    """Text that is nothing but a number, as a number."""
    digits = bare(text)
    plain = digits.removeprefix("-")
    return float(digits) if plain.isascii() and plain.replace(".", "", 1).isdigit() else None


def _from_number(found: float) -> datetime | date | None:
    if _SERIALS.start <= found < _SERIALS.stop:
        return _from_serial(found)
    size = next((unit for least, unit in _UNITS if abs(found) >= least), 1.0)
    try:
        return _EPOCH + timedelta(microseconds=round(found * (1e6 / size))) if found >= _LEAST_EPOCH else None
    except (OverflowError, ValueError):
        return None


def _from_serial(found: float) -> datetime | date:
    """A spreadsheet's day, and the time of day in its fraction, of which ten digits are usual: milliseconds."""
    begun = _SERIAL_ZERO + timedelta(milliseconds=round(found * 86_400_000))
    return begun.date() if found == int(found) else begun


def _digits(said: str | float) -> str:
    """The text that a pattern reads; frames turn whole numbers into floats where a value is missing."""
    return str(int(said)) if isinstance(said, float) and said.is_integer() else bare(str(said))


def _of_text(text: str, read: Callable[[str], datetime | date | None], zone: ZoneInfo | None) -> datetime | date | None:
    return read(text) or with_zone(text, read, zone=zone)


def _iso(plain: str) -> datetime | date | None:
    try:
        return date.fromisoformat(plain) if len(plain) <= len("2026-01-01") else datetime.fromisoformat(plain)
    except ValueError:
        return None


def _by_pattern(text: str, pattern: str) -> datetime | date | None:
    try:
        found = datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller gives it a zone
    except ValueError:
        return None
    return found if any(mark in pattern for mark in _CLOCK_MARKS) else found.date()
