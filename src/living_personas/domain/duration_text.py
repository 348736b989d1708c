"""A length of time as people write it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

__all__ = ["duration_text"]

_UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}


def duration_text(span: timedelta) -> str:
    """A time as it would be written, in the largest unit that is exact to the digit.

    >>> duration_text(timedelta(days=14)), duration_text(timedelta(hours=36)), duration_text(timedelta(seconds=1.5))
    ('14 days', '36 hours', '1.5 seconds')
    """
    for name, unit in _UNITS.items():
        if span % unit == timedelta(0):
            number = span // unit
            return f"{number} {name}" if number == 1 else f"{number} {name}s"
    seconds = f"{Decimal(span // timedelta(microseconds=1)).scaleb(-6):f}"
    return f"{seconds.rstrip('0').rstrip('.')} seconds"
