"""JSON as it may come in: an object without twins among its keys, and not nested into the depths."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from living_personas.sources.json_spans import object_spans

__all__ = ["DEEPEST", "JsonText", "read_object"]

DEEPEST = 32
"""Levels of nesting; the same limit as for events over HTTP."""
_LONGEST = 1 << 20
"""Characters of one value."""
_BLANKS = " \t\r\n"
_STRUCTURE = re.compile(r'\\.|["{}\[\]]', re.DOTALL)
_OPENED = ord("{")
_DEPTHS = {"{": 1, "[": 1, "}": -1, "]": -1}


class JsonText:
    """JSON text that comes in blocks and is taken apart from the left, value by value."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self._text, self._place, self._looked_at = "", 0, False

    def next(self, between: str) -> str:
        """The next letter, after what stands between values; empty at the end."""
        while True:
            while self._place < len(self._text) and self._text[self._place] in between:
                self._place += 1
            if self._place < len(self._text) or not self._more():
                return self._text[self._place : self._place + 1]

    def skip(self, letter: str) -> bool:
        """Go on behind a letter, if it comes next."""
        if self.next(_BLANKS) != letter:
            return False
        self._place += 1
        return True

    def value(self) -> str:
        """The text of the next value; empty if it is none, or longer than a million characters."""
        self.next(_BLANKS)
        while True:
            try:
                _, end = _any(self._text, self._place)
            except (json.JSONDecodeError, RecursionError):
                end = len(self._text)
                whole = False
            else:
                whole = True
            if whole and end < len(self._text):
                break
            if end - self._place > _LONGEST or not self._more():
                if not whole:
                    return ""
                break
        found, self._place = self._text[self._place : end], end
        return found

    def objects(self, between: str) -> list[str]:
        """The texts of the objects that come next, one after the other, as many as are whole in the block at hand.

        They are told apart by brackets and quotes, as ``passed`` does. Empty once more of the block is read.
        """
        self.next(between)
        if self._looked_at:
            return []
        self._looked_at = True
        text = self._text[self._place :]
        data = text.encode("utf-8", "surrogateescape")
        found, last = list[str](), 0
        for start, end in zip(*(places.tolist() for places in object_spans(data)), strict=True):
            if data[start] != _OPENED or data[last:start].strip(between.encode()):
                break
            found.append(data[start:end].decode("utf-8", "surrogateescape"))
            last = end
        self._place += len(data[:last].decode("utf-8", "surrogateescape"))
        return found

    def passed(self) -> tuple[str, bool]:
        """Go past the value that comes next by its brackets and quotes alone, however long or wrong it is.

        Returns
        -------
        Its text, of one that is too long the beginning, and whether it came to its end. Empty if nothing comes next
        that begins with a bracket or quote.
        """
        kept, depth, quoted = "", 0, False
        while self._place < len(self._text):
            if not kept and self._text[self._place] not in '{["':
                return "", False
            end = last = 0
            for found in _STRUCTURE.finditer(self._text, self._place):
                mark, last = found[0], found.end()
                quoted ^= mark == '"'
                if not quoted and mark in _DEPTHS:
                    depth += _DEPTHS[mark]
                if not quoted and depth <= 0:
                    end = last
                    break
            stop = len(self._text)
            stop -= last < stop and self._text.endswith("\\")  # what it escapes is in the next block
            kept += self._text[self._place : end or stop][: _LONGEST + 1 - len(kept)]
            self._place = end or stop
            if end:
                return kept, True
            if not self._more():
                break
        self._place = len(self._text)
        return kept, False

    def rest(self) -> str:
        """What was read and not taken."""
        return self._text[self._place :]

    def _more(self) -> bool:
        block = next(self._blocks, "")
        self._text, self._place, self._looked_at = self._text[self._place :] + block, 0, False
        return bool(block)


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


_any = json.JSONDecoder().raw_decode
_decode = json.JSONDecoder(object_pairs_hook=_object).decode  # made once: `json.loads` would make one each time


def _deeper(found: object) -> bool:
    """Whether a value is nested too deeply, looked at level by level: recursion would break on what it looks for."""
    level = [found]
    for _ in range(DEEPEST):
        lists = [item for item in level if isinstance(item, list)]
        objects = [item for item in level if isinstance(item, dict)]
        level = [inner for item in lists for inner in item] + [inner for item in objects for inner in item.values()]
    return any(isinstance(item, list | dict) for item in level)
