"""Days as people write them."""

from __future__ import annotations

import re
from datetime import date

__all__ = ["dated", "day_words"]

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAY = re.compile(
    r"`[^`]*`|\N{LEFT DOUBLE QUOTATION MARK}[^\N{RIGHT DOUBLE QUOTATION MARK}]*"
    r"|(?<![\w-])(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?: (\d\d:\d\d))?(?![\w-])"
)


def day_words(day: date) -> str:
    """A day in words, whatever the language of the machine.

    >>> day_words(date(2026, 1, 5))
    '5 January 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def dated(text: str) -> str:
    """A sentence whose days are in words; names in the quotes of pages, and what is typed, stay as they are.

    >>> dated("Dana, 2026-03-09 10:15: first found on 2026-03-02, as `--since 2026-03-02` shows")
    'Dana, 9 March 2026, 10:15: first found on 2 March 2026, as `--since 2026-03-02` shows'
    """

    def said(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        month = _MONTHS[int(found[2]) - 1]
        return f"{int(found[3])} {month} {found[1]}" + (f", {found[4]}" if found[4] else "")

    return _DAY.sub(said, text)
