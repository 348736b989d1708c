"""Where objects begin and end in a block of JSON text: told by brackets and quotes, all of a block at once."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["object_spans"]

Places: TypeAlias = npt.NDArray[np.intp]

_QUOTE = 2
_MARKS = np.zeros(256, np.int8)
_MARKS[list(b"{[")], _MARKS[list(b"}]")], _MARKS[ord('"')] = 1, -1, _QUOTE


def object_spans(text: bytes) -> tuple[Places, Places]:
    """Where each value in brackets begins and ends (exclusive) that is whole in a text, until a bracket closes more.

    What stands between them is not looked at. A backslash hides what comes after it, wherever it stands.
    """
    letters = np.frombuffer(text, np.uint8)
    marks = _MARKS[letters]
    if b"\\" in text:
        marks[_escaped(letters)] = 0
    places = np.flatnonzero(marks)
    marks = marks[places]
    quotes = marks == _QUOTE
    brackets = ((np.cumsum(quotes) & 1) == 0) & ~quotes
    places, marks = places[brackets], marks[brackets].astype(np.int32)
    depth = np.cumsum(marks)
    if len(closed := np.flatnonzero(depth < 0)):
        places, marks, depth = (each[: closed[0]] for each in (places, marks, depth))
    ends = places[depth == 0] + 1
    return places[(depth == 1) & (marks == 1)][: len(ends)], ends


def _escaped(letters: npt.NDArray[np.uint8]) -> Places:
    """The places behind a backslash that is not itself behind one."""
    slashes = np.flatnonzero(letters == ord("\\"))
    nth = np.arange(len(slashes))
    begins = np.concatenate([[True], np.diff(slashes) != 1])
    since = nth - np.maximum.accumulate(np.where(begins, nth, 0))
    behind = slashes[since % 2 == 0] + 1
    return np.asarray(behind[behind < len(letters)])
