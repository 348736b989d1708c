"""Time zones as people and programs write them behind a time: names, and the letters that clocks go by."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from living_personas.errors import UndeclaredZoneError

__all__ = ["with_zone"]

_ENDS_IN_ZONE = re.compile(
    r"(?P<time>.*?[0-9](?:Z(?=\[)| ?[AaPp]\.?[Mm]\b\.?)?) ?"
    r"(?:(?P<inside>[\[(][^\])]+[\])])|(?P<name>[A-Za-z][A-Za-z0-9/_+:-]+|[+-][0-9]{2}:?[0-9]{2}))"
)
_LONGEST = 120
"""Characters: no time is longer, and what is hostile costs no more than this."""
_FROM_UTC = re.compile(r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-5][0-9]))?")
_HOURS = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "MST": -7, "MDT": -6, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
    "WAT": 1, "CAT": 2, "SAST": 2, "EAT": 3, "WIB": 7, "HKT": 8, "JST": 9,
    "AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
"""Letters that meant one offset from UTC in all zones of the IANA database since 2000."""
_SEVERAL = {
    "CST": ("America/Chicago", "Asia/Shanghai"),
    "CDT": ("America/Chicago", "America/Havana"),
    "IST": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "KST": ("Asia/Seoul", "Asia/Pyongyang"),
    "MSK": ("Europe/Moscow",),
    "PST": ("America/Los_Angeles", "Asia/Manila"),
}
"""Letters that meant several, or more than one in the course of time, and zones that went by them."""


def with_zone(
    text: str, read: Callable[[str], datetime | date | None], *, zone: ZoneInfo | None = None
) -> datetime | None:
    """A time that ends in its zone: a name, letters, or an offset from UTC; None if it is none.

    Parameters
    ----------
    read
        Reads the time before it.
    zone
        What is declared of times that say no zone: letters that its own clocks go by are its own.

    Raises
    ------
    UndeclaredZoneError
        ``bad time`` if the letters are those of several zones, and of none that is declared.

    >>> iso = datetime.fromisoformat
    >>> with_zone("2026-07-01 10:00 Europe/Berlin", iso).isoformat()
    '2026-07-01T10:00:00+02:00'
    >>> with_zone("2026-11-02 10:00 EST", iso).isoformat(), with_zone("2026-11-02 10:00 GMT+1", iso).isoformat()
    ('2026-11-02T10:00:00-05:00', '2026-11-02T10:00:00+01:00')
    >>> with_zone("2026-11-02 10:00 CST", iso, zone=ZoneInfo("America/Chicago")).isoformat()
    '2026-11-02T10:00:00-06:00'
    """
    found = _ENDS_IN_ZONE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    time, inside = found["time"], (found["inside"] or "")[1:-1]
    known = read(time) or (with_zone(time, read, zone=zone) if inside else None)
    if not isinstance(known, datetime):
        return None
    if known.tzinfo is not None:
        return known if inside else None  # 10:00+01:00[Europe/Berlin], GMT+0100 (CET)
    named = _zone(inside or found["name"], known, zone)
    return known.replace(tzinfo=named) if named else None


def _zone(name: str, shown: datetime, zone: ZoneInfo | None) -> tzinfo | None:
    """The zone of this name, when clocks in it show a time."""
    letters = name.upper()
    if zone is not None:
        for there in (shown.replace(tzinfo=zone, fold=fold) for fold in (0, 1)):
            if there.tzname() == letters:
                return timezone(there.utcoffset() or timedelta(0))
    if letters in _SEVERAL:
        raise _of_several(letters, shown)
    if letters in _HOURS:
        return timezone(timedelta(hours=_HOURS[letters]), letters) if _HOURS[letters] else UTC
    if offset := _FROM_UTC.fullmatch(letters):
        ahead = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return timezone(ahead if offset["sign"] == "+" else -ahead) if ahead < timedelta(days=1) else None
    return _by_name(name) if "/" in name else None


def _by_name(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a name that is none may be that of a folder
        return None


def _of_several(letters: str, shown: datetime) -> UndeclaredZoneError:
    zones = _SEVERAL[letters]
    return UndeclaredZoneError(
        f"{letters} behind {shown.isoformat(sep=' ')!r} has been more than one offset from UTC.",
        hint=f"declare the zone whose clocks go by it, as `time: {{column: ..., zone: {zones[0]}}}`"
        + (f" (or {', '.join(zones[1:])})" if zones[1:] else "")
        + ", or write the offset.",
        reason="bad time",
    )
