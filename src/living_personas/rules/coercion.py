"""One meaning of loose values: whatever a value is, it is read as its text would be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import inf
from typing import TypeAlias

from living_personas.rules.tree import Kind, Scalar

__all__ = ["FALSE", "NUMBER", "TRUE", "coerce", "coercion"]

NUMBER = r" *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)? *"
"""A decimal number, perhaps in scientific notation and between spaces; in a syntax that RE2, Java and POSIX share."""
TRUE = ("true", "1", "1.0")
FALSE = ("false", "0", "0.0")


def coerce(value: object, kind: Kind) -> Scalar:
    """The value as a number, text or boolean, or None where it is none.

    JSON, CSV and Arrow spell the same value differently; all of them are read as the value's text would be, so that
    one customer and a table of customers give the same answer (``coerce_sql`` is the same function in SQL).

    >>> coerce(" 12.50 ", "number"), coerce("1_000", "number"), coerce(True, "number")
    (12.5, None, None)
    >>> coerce(3, "text"), coerce("", "text"), coerce("TRUE", "boolean"), coerce(0.0, "boolean")
    ('3', '', True, False)
    """
    return None if value is None else _COERCIONS[kind](value)


def coercion(kind: Kind) -> Callable[[object], Scalar]:
    """The function that coerces a value that is not None to this kind."""
    return _COERCIONS[kind]


_Coercion: TypeAlias = Callable[[object], Scalar]
_number_in = re.compile(NUMBER).fullmatch


def _number(value: object) -> float | None:
    if type(value) is float:  # most values are, and this is the hottest line of a decision
        return value if -inf < value < inf else None
    if isinstance(value, bool):
        return None
    try:
        if not isinstance(value, int | float):
            value = str(value)
            if _number_in(value) is None:
                return None
        number = float(value)
    except OverflowError:
        return None
    return number if -inf < number < inf else None


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    text = _text(value)
    word = "" if text is None else text.strip(" ").lower()
    return True if word in TRUE else False if word in FALSE else None


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(float(value)) if -inf < value < inf else None
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    try:
        return str(value)
    except ValueError:  # an integer of more than 4,300 digits
        return None


_COERCIONS: dict[Kind, _Coercion] = {"number": _number, "text": _text, "boolean": _boolean}
