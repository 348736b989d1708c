"""Single values of a row: what may be an id or a number, and what goes to quarantine."""

from __future__ import annotations

import math
import re
from datetime import date
from uuid import UUID

from living_personas.domain.event import QuarantineReason
from living_personas.sources.rows import BadRowError, Row

__all__ = ["LARGEST", "check_size", "clean", "is_finite", "number_of", "read_number", "shown", "text_of"]

LARGEST = 1 << 15
"""Bytes: the values of a row that are used may together not be larger; the same limit as for events over HTTP."""
_LONGEST_NAME = 512
"""Characters of an id, a name or an option: they become keys, and PostgreSQL indexes at most 2,704 bytes."""
_SHOWN = 60
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_TRUTH = {"true": 1, "false": 0}


def text_of(row: Row, column: str | None, *, reason: QuarantineReason) -> str:
    """The text of an id, a name or an option, without blanks around it; empty if it is missing.

    >>> text_of({"id": 17.0}, "id", reason="missing customer")
    '17'
    """
    found = row.get(column) if column else None
    if found is None:
        return ""
    if type(found) is str and len(found) <= _LONGEST_NAME and found.isascii() and found.isprintable():
        return found.strip()  # nearly every name, in a third of the time
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if not _can_name(found):
        raise BadRowError(reason, f"column {column!r} holds {shown(found)}, which names nothing")
    text = found.isoformat() if isinstance(found, date) else str(found).strip()
    if len(text) > _LONGEST_NAME:
        detail = f"column {column!r} holds a name of {len(text)} characters; at most {_LONGEST_NAME} can be a key"
        raise BadRowError("too large", detail)
    return clean(text, column)


def number_of(row: Row, column: str, *, reason: QuarantineReason = "bad number") -> float | None:
    """The number in a column, None if it is missing; yes and no are 1 and 0.

    >>> number_of({"spend": "29.90"}, "spend"), number_of({"visit": "true"}, "visit")
    (29.9, 1)
    """
    found = row.get(column)
    if isinstance(found, str):
        found = _number_in(found.strip())
    if found is None:
        return None
    if isinstance(found, int | float) and is_finite(found):
        return int(found) if isinstance(found, bool) else found
    raise BadRowError(reason, f"column {column!r} holds {shown(row.get(column))}, which is not a finite number")


def check_size(row: Row, columns: tuple[str, ...]) -> None:
    """Refuse a row whose used values are together larger than an event may be."""
    total = 0
    for column in columns:
        found = row.get(column)
        if isinstance(found, str):
            total += len(found) if found.isascii() else _bytes(found)
        elif isinstance(found, list | dict):
            total += _weight(found)
        if total > LARGEST:
            raise BadRowError("too large", f"the row is larger than {LARGEST} bytes at column {column!r}")


def clean(text: str, column: str | None) -> str:
    """The text, if every store can hold it: no lone surrogate, no NUL."""
    if "\0" in text:
        raise BadRowError("bad properties", f"column {column!r} holds a NUL character")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise BadRowError("bad properties", f"column {column!r} holds half of a surrogate pair") from error
    return text


def read_number(text: str) -> float:
    """The number that a text of digits is: whole where it says so and is not absurdly long.

    >>> read_number("42"), read_number("42.0")
    (42, 42.0)
    """
    digits = text.lstrip("+-")
    return int(text) if digits.isdigit() and len(digits) < 20 else float(text)


def is_finite(found: float) -> bool:
    """Whether a number is one that a double can hold.

    >>> is_finite(10**400), is_finite(float("nan"))
    (False, False)
    """
    try:
        return math.isfinite(found)
    except OverflowError:
        return False


def shown(found: object) -> str:
    """A value as a message shows it: in ASCII, and never longer than a line.

    >>> shown("a" * 100)[-6:]
    'aaa...'
    """
    text = ascii(found[:_SHOWN] if isinstance(found, str | bytes) else found)
    return text if len(text) < _SHOWN else text[:_SHOWN] + "..."


def _can_name(found: object) -> bool:
    if isinstance(found, bool):
        return False
    return is_finite(found) if isinstance(found, float) else isinstance(found, str | int | UUID | date)


def _number_in(text: str) -> object:
    if _NUMBER.fullmatch(text):
        return read_number(text)
    return _TRUTH.get(text.lower(), text) if text else None


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _weight(found: object) -> int:
    """About how many bytes a nested value takes as JSON; no recursion, so that depth cannot break it."""
    waiting, total = [found], 0
    while waiting and total <= LARGEST:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item
        total += _bytes(item) if isinstance(item, str) else 4
    return total
