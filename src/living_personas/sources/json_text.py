"""JSON as it may come in: an object without twins among its keys, and not nested into the depths."""

from __future__ import annotations

import json

__all__ = ["DEEPEST", "read_object"]

DEEPEST = 32
"""Levels of nesting; the same limit as for events over HTTP."""


def read_object(text: str) -> dict[str, object]:
    """The JSON object that a text is.

    Raises
    ------
    ValueError
        Saying what is wrong with it.

    >>> read_object('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    ...
    ValueError: an object has the key 'a' twice
    """
    try:
        found = _decode(text)
    except RecursionError as error:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels") from error
    if not isinstance(found, dict):
        raise ValueError("it is JSON, but not an object")
    if text.count("[") + text.count("{") > DEEPEST and _deeper(found):
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    return found


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise ValueError(f"an object has the key {twice!r} twice")
    return found


_decode = json.JSONDecoder(object_pairs_hook=_object).decode  # made once: `json.loads` would make one each time


def _deeper(found: object) -> bool:
    """Whether a value is nested too deeply, looked at level by level: recursion would break on what it looks for."""
    level = [found]
    for _ in range(DEEPEST):
        lists = [item for item in level if isinstance(item, list)]
        objects = [item for item in level if isinstance(item, dict)]
        level = [inner for item in lists for inner in item] + [inner for item in objects for inner in item.values()]
    return any(isinstance(item, list | dict) for item in level)
