"""Moments and days as the whole numbers that the database keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from living_personas.errors import StoreError

__all__ = ["from_micros", "to_micros"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC, exactly.

    >>> to_micros(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    if moment.tzinfo is None:
        raise StoreError(f"The moment {moment.isoformat()} has no time zone.", hint="pass an aware datetime.")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """The moment in UTC."""
    return _EPOCH + timedelta(microseconds=micros)
