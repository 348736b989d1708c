"""How far somebody looks back."""

from __future__ import annotations

import re
from datetime import date, timedelta

from living_personas.errors import InvalidDecisionError

__all__ = ["first_day", "unknown_words"]


def first_day(since: str, as_of: date | None) -> date:
    """The first day of ``since``: a day, or so many days up to the last closed one (None: nothing is closed yet).

    >>> first_day("7d", date(2026, 3, 8))
    datetime.date(2026, 3, 2)
    """
    if days := re.fullmatch(r"(\d{1,4})d", since):
        return (as_of or date.max) - timedelta(days=max(int(days[1]), 1) - 1)
    try:
        return date.fromisoformat(since)
    except ValueError as error:
        raise InvalidDecisionError(
            f"{since!r} is no time to look back to.", hint="write 7d, or a day such as 2026-03-01."
        ) from error


def unknown_words(first: date, *, begins: date | None, as_of: date | None) -> str:
    """What of a period from ``first`` on nothing can be known of, in a sentence; empty if all of it is.

    >>> known = {"begins": date(2026, 3, 1), "as_of": date(2026, 3, 8)}
    >>> unknown_words(date(2026, 3, 9), **known), unknown_words(date(2026, 3, 8), **known)
    ('Nothing is known of 2026-03-09 and later yet: the last closed day is 2026-03-08.', '')
    >>> unknown_words(date(2026, 2, 1), **known)
    'Something is known from 2026-03-01 on: that is the first day.'
    """
    if begins is None or as_of is None:
        return "Nothing is known yet: no day is closed."
    if first > as_of:
        return f"Nothing is known of {first} and later yet: the last closed day is {as_of}."
    return f"Something is known from {begins} on: that is the first day." if first < begins else ""
