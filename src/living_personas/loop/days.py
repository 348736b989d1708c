"""Days in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

__all__ = ["WEEK", "between", "runs", "week_old"]

WEEK = 7


def between(first: date, last: date) -> Iterator[date]:
    """Each day from ``first`` to ``last``; none if ``last`` comes before.

    >>> [day.day for day in between(date(2026, 1, 30), date(2026, 2, 1))]
    [30, 31, 1]
    """
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def week_old(day: date) -> date:
    """The last day that lies a week or more back, of those of which one in seven is kept."""
    last = day - timedelta(days=WEEK)
    return last - timedelta(days=last.toordinal() % WEEK)


def runs(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """The first and last day of each stretch without a gap, in order.

    >>> [(a.day, b.day) for a, b in runs([date(2026, 1, 9), date(2026, 1, 2), date(2026, 1, 1)])]
    [(1, 2), (9, 9)]
    """
    held, one = set(days), timedelta(days=1)
    begins = sorted(day for day in held if day - one not in held)
    ends = sorted(day for day in held if day + one not in held)
    yield from zip(begins, ends, strict=True)
