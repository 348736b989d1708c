"""Days in a row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

__all__ = ["between"]


def between(first: date, last: date) -> Iterator[date]:
    """Each day from ``first`` to ``last``; none if ``last`` comes before.

    >>> [day.day for day in between(date(2026, 1, 30), date(2026, 2, 1))]
    [30, 31, 1]
    """
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
