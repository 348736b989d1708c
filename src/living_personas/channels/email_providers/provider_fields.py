"""Single fields of a provider's JSON: whatever is there, a text comes out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

__all__ = ["LONGEST", "content_key", "inner", "moment", "plain", "text_at"]

LONGEST = 512
"""Characters of an id or a name; the same limit as for the rows of files."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1990, 2200)
_MILLISECONDS_FROM = 1e11


def text_at(found: object, *path: str) -> str:
    """The text, or whole number as text, at the end of a path of keys; empty if it is not there.

    >>> text_at({"msg": {"id": 17}}, "msg", "id"), text_at({"msg": []}, "msg", "id")
    ('17', '')
    """
    for key in path:
        if not isinstance(found, Mapping):
            return ""
        found = found.get(key)
    if isinstance(found, bool):
        return ""
    return plain(str(found)) if isinstance(found, str | int) else ""


def inner(found: object, *path: str) -> Mapping[str, object]:
    """The object at the end of a path of keys; an empty one if it is not there."""
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def plain(text: str) -> str:
    """The text as every store can hold it: no NUL, no half of a surrogate pair, nothing around it."""
    kept = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return kept.replace("\0", "").strip()


def moment(said: object) -> datetime | None:
    """The time in UTC that a number since 1970 (seconds or milliseconds) or a text in ISO 8601 says; None if it cannot.

    >>> moment("1534108637.15") == moment(1534108637150)
    True
    """
    if isinstance(said, str):
        return _from_text(said.strip())
    if isinstance(said, int | float) and not isinstance(said, bool):
        return _from_number(said)
    return None


def content_key(raw: object) -> str:
    """An id for what has none: the same content gives the same id."""
    text = json.dumps(raw, sort_keys=True, default=str)
    return "content-" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _from_text(text: str) -> datetime | None:
    bare = text.removeprefix("-")
    if bare.isascii() and bare.replace(".", "", 1).isdigit() and len(bare) < 25:
        return _from_number(float(text))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _in_reach(found if found.tzinfo else found.replace(tzinfo=UTC))


def _from_number(said: float) -> datetime | None:
    try:
        number = float(said)
        seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
        return _in_reach(_EPOCH + timedelta(seconds=seconds)) if math.isfinite(number) else None
    except OverflowError:
        return None


def _in_reach(found: datetime) -> datetime | None:
    try:
        return found.astimezone(UTC) if found.year in _YEARS else None
    except OverflowError:
        return None
