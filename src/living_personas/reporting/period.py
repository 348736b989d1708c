"""How far somebody looks back."""

from __future__ import annotations

import re
from datetime import date, timedelta

from living_personas.errors import InvalidDecisionError

__all__ = ["first_day"]


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
