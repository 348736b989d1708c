"""Single values of a row: what may be an id or a number, and what goes to quarantine."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from uuid import UUID

from living_personas.domain.customer_id import optional_id
from living_personas.domain.event import QuarantineReason
from living_personas.domain.number_text import DecimalMark
from living_personas.domain.number_uses import as_number
from living_personas.domain.raw import shown
from living_personas.domain.yes_no import yes_no
from living_personas.errors import BadValueError
from living_personas.sources.rows import BadRowError, Row

__all__ = [
    "LARGEST",
    "LONGEST_NAME",
    "check_size",
    "clean",
    "id_in",
    "is_finite",
    "number_of",
    "option_of",
    "outcome_of",
    "size_of",
    "text_of",
]

LARGEST = 1 << 15
"""Bytes: the values of a row that are used may together not be larger; the same limit as for events over HTTP."""
LONGEST_NAME = 512
"""Characters of an id, a name or an option: they become keys, and PostgreSQL indexes at most 2,704 bytes."""


def id_in(row: Row, column: str | None, *, nobody: frozenset[str]) -> str:
    """The customer's id in a column; empty if it names nobody.

    >>> id_in({"id": 17.0}, "id", nobody=frozenset()), id_in({"id": "null"}, "id", nobody=frozenset({"null"}))
    ('17', '')
    """
    found = row.get(column) if column else None
    if found is None:
        return ""
    try:
        return optional_id(found, nobody=nobody)
    except BadValueError as error:
        raise BadRowError.of(error, column) from error


def text_of(row: Row, column: str | None, *, reason: QuarantineReason) -> str:
    """The text of a name or an option, without blanks around it; empty if it is missing.

    >>> text_of({"event": " page "}, "event", reason="missing name")
    'page'
    """
    found = row.get(column) if column else None
    if found is None:
        return ""
    if type(found) is str and len(found) <= LONGEST_NAME and found.isascii() and found.isprintable():
        return found.strip()  # nearly every name, in a third of the time
    if isinstance(found, float | Decimal) and is_finite(found) and found == int(found):
        found = int(found)
    if not _can_name(found):
        raise BadRowError(reason, f"column {column!r} holds {shown(found)}, which names nothing")
    text = found.isoformat() if isinstance(found, date) else str(found).strip()
    if len(text) > LONGEST_NAME:
        detail = f"column {column!r} holds a name of {len(text)} characters; at most {LONGEST_NAME} can be a key"
        raise BadRowError("too large", detail)
    return clean(text, column)


def option_of(row: Row, column: str) -> str:
    """The option in a column, empty if it is missing: text, or as JSON writes it a whole number, true or false.

    >>> option_of({"arm": 1.0}, "arm"), option_of({"arm": True}, "arm"), option_of({"arm": " gift"}, "arm")
    ('1', 'true', 'gift')
    """
    found = row.get(column)
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, int | float | Decimal) and is_finite(found) and found == int(found):
        found = int(found)
    elif found is not None and not isinstance(found, str):
        detail = f"column {column!r} holds {shown(found)}, which is neither a text, a whole number, true nor false"
        raise BadRowError("bad option", detail)
    return text_of({column: found}, column, reason="bad option")


def number_of(
    row: Row, column: str, *, reason: QuarantineReason = "bad number", decimal: DecimalMark | None = None
) -> float | None:
    """The number in a column, None if it is missing; yes and no are 1 and 0.

    >>> number_of({"spend": "29.90"}, "spend"), number_of({"visit": "true"}, "visit")
    (29.9, 1.0)
    """
    try:
        return as_number(row.get(column), column, decimal=decimal)
    except BadValueError as error:
        raise BadRowError(reason, f"column {error.in_sentences}") from error


def outcome_of(row: Row, column: str, *, decimal: DecimalMark | None = None, in_words: bool) -> float | None:
    """The number in the column of an outcome; ``in_words`` says that a yes and a no are 1 and 0 in any words.

    >>> outcome_of({"voted": "Yes"}, "voted", in_words=True), outcome_of({"voted": "n"}, "voted", in_words=True)
    (1.0, 0.0)
    """
    said = row.get(column)
    word = yes_no(said) if in_words and isinstance(said, str) else None
    return number_of(row, column, decimal=decimal) if word is None else float(word)


def check_size(row: Row, columns: tuple[str, ...]) -> None:
    """Refuse a row whose used values are together larger than an event may be."""
    total = 0
    for column in columns:
        total += size_of(row.get(column))
        if total > LARGEST:
            raise BadRowError("too large", f"the row is larger than {LARGEST} bytes at column {column!r}")


def size_of(found: object) -> int:
    """How many bytes a value takes; what is no text, list or object takes none.

    >>> size_of("für"), size_of(12)
    (4, 0)
    """
    if isinstance(found, str):
        return len(found) if found.isascii() else _bytes(found)
    return _weight(found) if isinstance(found, list | dict) else 0


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


def is_finite(found: float | Decimal) -> bool:
    """Whether a number is one that a double can hold.

    >>> is_finite(10**400), is_finite(float("nan"))
    (False, False)
    """
    try:
        return math.isfinite(found)
    except OverflowError:
        return False


def _can_name(found: object) -> bool:
    if isinstance(found, bool):
        return False
    return is_finite(found) if isinstance(found, float) else isinstance(found, str | int | UUID | date)


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
