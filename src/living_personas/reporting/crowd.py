"""Numbers about people that give nobody away: below the least crowd there is a word and no number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

__all__ = ["CROWD", "crowd", "enough", "trend"]

CROWD = 50
"""The fewest customers of whom anything is shown as a number."""

_MONTH = timedelta(days=28)


def enough(count: int | None) -> bool:
    """Whether so many customers may be described by numbers; none at all may, too."""
    return count is None or count == 0 or count >= CROWD


def crowd(count: int | None) -> str:
    """A number of customers, or a word.

    >>> crowd(1200), crowd(49), crowd(0), crowd(None)
    ('1,200', 'fewer than 50', '0', 'not counted yet')
    """
    if count is None:
        return "not counted yet"
    return f"{count:,}" if enough(count) else f"fewer than {CROWD}"


def trend(sizes: Mapping[date, Mapping[str, int]], persona: str) -> str:
    """How a persona's size changed in the last four weeks; a change of fewer than a crowd is none.

    >>> trend({date(2026, 1, 1): {"a": 1000}, date(2026, 1, 20): {"a": 1100}}, "a")
    '+10 % in 19 days'
    """
    if not sizes:
        return ""
    last = max(sizes)
    first = min((day for day in sizes if day >= last - _MONTH), default=last)
    before, now = sizes[first].get(persona, 0), sizes[last].get(persona, 0)
    if first == last or min(before, now) < CROWD:
        return ""
    days = (last - first).days
    return (
        f"{now / before - 1:+.0%}".replace("%", " %") + f" in {days} days" if abs(now - before) >= CROWD else "steady"
    )
