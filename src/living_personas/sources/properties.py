"""Values that travel with an event: anything JSON can say, and numbers where text says them beyond doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from living_personas.domain.event import Json
from living_personas.domain.raw import shown
from living_personas.sources.json_text import DEEPEST
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.values import clean, is_finite

__all__ = ["property_of"]

_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_EXACT = 1 << 53
_LONGEST = 20
"""Beyond this a double is not exact: a longer number in a text file is somebody's id, and stays text."""


def property_of(row: Row, column: str, *, typed: bool) -> Json:
    """The value of a column as it travels with an event; text that is a JSON number becomes one where all is text.

    >>> property_of({"zip": "01234"}, "zip", typed=False), property_of({"age": "41"}, "age", typed=False)
    ('01234', 41)
    """
    clean(column, column)
    found = row.get(column)
    if isinstance(found, str):
        if typed:
            return clean(found, column)
        text = found.strip()
        return _json_number(text) if _JSON_NUMBER.fullmatch(text) else clean(found, column)
    return _json(found, column, depth=1)


def _json(found: object, column: str, *, depth: int) -> Json:
    if found is None or isinstance(found, bool):
        return found
    if isinstance(found, str):
        return clean(found, column)
    if isinstance(found, int | float | Decimal) and is_finite(found):
        return float(found) if isinstance(found, Decimal) else found
    if isinstance(found, datetime):
        return (found.astimezone(UTC) if found.tzinfo else found).isoformat()
    if isinstance(found, date | time | UUID):
        return str(found)
    if isinstance(found, list | Mapping) and depth < DEEPEST:
        return _nested(found, column, depth=depth + 1)
    raise BadRowError("bad properties", f"column {column!r} holds {shown(found)}, which JSON cannot say")


def _nested(found: list[object] | Mapping[object, object], column: str, *, depth: int) -> Json:
    if isinstance(found, list):
        return [_json(item, column, depth=depth) for item in found]
    return {clean(str(key), column): _json(item, column, depth=depth) for key, item in found.items()}


def _json_number(text: str) -> Json:
    if text.lstrip("-").isdigit():
        return found if len(text) < _LONGEST and abs(found := int(text)) < _EXACT else text
    return number if is_finite(number := float(text)) else text
