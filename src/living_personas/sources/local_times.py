"""Moments and local times in columns: Python's own time zones are asked once for each hour that occurs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

__all__ = ["Micros", "as_local", "as_utc", "at_midnight", "micros_of"]

Micros: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
"""Microseconds since 1970."""
Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_HOUR = 3_600_000_000
_QUARTER, _DAY = _HOUR // 4, 24 * _HOUR
_MOST_HOURS = 1 << 20
"""Up to this many hours (120 years) between first and last a table by the hour is quicker than sorting."""


def micros_of(moment: datetime) -> int:
    """A moment in microseconds since 1970.

    >>> micros_of(datetime(1970, 1, 1, 1, tzinfo=UTC))
    3600000000
    """
    return (moment - _EPOCH) // _MICRO


def as_local(moments: Micros, zone: ZoneInfo) -> Micros:
    """What clocks in a zone show at these moments, as if it were UTC.

    >>> as_local(np.array([0]), ZoneInfo("Europe/Berlin")).tolist()
    [3600000000]
    """

    def offset(moment: int) -> int:
        return _micros((_EPOCH + timedelta(microseconds=moment)).astimezone(zone).utcoffset())

    return moments + _offsets(moments, offset)


def as_utc(local: Micros, zone: ZoneInfo) -> Micros:
    """The moments at which clocks in a zone show this: the first of two, and what would have been if there is none.

    >>> as_utc(np.array([3600000000]), ZoneInfo("Europe/Berlin")).tolist()
    [0]
    """

    def offset(shown: int) -> int:
        return _micros((_EPOCH + timedelta(microseconds=shown)).replace(tzinfo=zone).utcoffset())

    return local - _offsets(local, offset)


def at_midnight(moments: Micros, zone: ZoneInfo) -> Mask:
    """Which moments begin a day, in a zone or in UTC.

    >>> at_midnight(np.array([0, -3600000000, 1]), ZoneInfo("Europe/Berlin")).tolist()
    [True, True, False]
    """
    found: Mask = moments % _DAY == 0
    hours = ~found & (moments % _QUARTER == 0)  # no zone is off by less
    found[hours] = as_local(moments[hours], zone) % _DAY == 0
    return found


def _offsets(times: Micros, offset: Callable[[int], int]) -> Micros:
    """The offset of each time; asked time by time only in hours that do not begin and end with the same."""
    if not len(times):
        return times
    hours, rows = _numbered(times // _HOUR)
    begin = np.array([offset(hour * _HOUR) for hour in hours.tolist()], np.int64)
    end = np.array([offset(hour * _HOUR + _HOUR - 1) for hour in hours.tolist()], np.int64)
    found: Micros = begin[rows]
    changing = (begin != end)[rows]
    if changing.any():
        found[changing] = [offset(time) for time in times[changing].tolist()]
    return found


def _numbered(hours: Micros) -> tuple[Micros, Micros]:
    """The distinct hours, and which of them each is."""
    first, last = int(hours.min()), int(hours.max())
    if last - first >= _MOST_HOURS:
        distinct, rows = np.unique(hours, return_inverse=True)
        return distinct, rows
    places = hours - first
    there = np.zeros(last - first + 1, np.bool_)
    there[places] = True
    return np.flatnonzero(there) + first, (np.cumsum(there) - 1)[places]


def _micros(offset: timedelta | None) -> int:
    return (offset or timedelta(0)) // _MICRO
