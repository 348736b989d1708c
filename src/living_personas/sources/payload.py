"""A row as text, and back again: what quarantine keeps, so that a mended mapping sees what the first one saw."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from living_personas.sources.json_text import read_object
from living_personas.sources.rows import Row

__all__ = ["pack", "unpack"]

_ALL_TEXT = "$text"
"""The key that marks a row of a file in which every value is text."""


def pack(row: Row, *, typed: bool) -> str:
    """The row as a JSON object in ASCII, with marks for what JSON cannot say; a key's own ``$`` is doubled.

    >>> pack({"id": "u1", "day": date(2026, 1, 2)}, typed=True)
    '{"id": "u1", "day": {"$date": "2026-01-02"}}'
    """
    marked = _mark_all(row)
    return json.dumps(marked if typed else {**marked, _ALL_TEXT: True}, allow_nan=False)


def unpack(payload: str) -> tuple[Row, bool] | None:
    """The row, and whether it was typed; None if the text is no JSON object (a line that could not be read).

    >>> unpack('{"id": "u1", "$text": true}')
    ({'id': 'u1'}, False)
    """
    try:
        row = read_object(payload)
        text = row.pop(_ALL_TEXT, False) is True
        return _unmark_all(row), not text
    except ValueError:
        return None


def _mark_all(found: Mapping[object, object] | Row) -> dict[str, object]:
    return {_own(str(key)): _mark(item) for key, item in found.items()}


def _mark(found: object) -> object:
    if isinstance(found, list | tuple):
        return [_mark(item) for item in found]
    if isinstance(found, Mapping):
        return _mark_all(found)
    if found is None or isinstance(found, str | int) or (isinstance(found, float) and math.isfinite(found)):
        return found
    kind, text = _said(found)
    return {kind: text}


def _said(found: object) -> tuple[str, str]:
    """The mark and the text of a value that JSON does not know."""
    if isinstance(found, float):
        return "$number", repr(found)
    if isinstance(found, datetime):
        return "$datetime", found.isoformat()
    if isinstance(found, date):
        return "$date", found.isoformat()
    if isinstance(found, time):
        return "$time", found.isoformat()
    if isinstance(found, UUID | Decimal):
        return f"${type(found).__name__.lower()}", str(found)
    return "$other", repr(found)


_READ: Mapping[str, Callable[[str], object]] = {
    "$number": float,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$uuid": UUID,
    "$decimal": Decimal,
    # What no event could hold the first time stays something that no event can hold: bytes.
    "$other": str.encode,
}


def _unmark_all(found: Mapping[str, object]) -> Row:
    return {key.removeprefix("$") if key.startswith("$$") else key: _unmark(item) for key, item in found.items()}


def _unmark(found: object) -> object:
    if isinstance(found, list):
        return [_unmark(item) for item in found]
    if not isinstance(found, dict):
        return found
    if len(found) == 1:
        ((kind, text),) = found.items()
        if kind in _READ and isinstance(text, str):
            return _READ[kind](text)
    return _unmark_all(found)


def _own(key: str) -> str:
    return f"${key}" if key.startswith("$") else key
