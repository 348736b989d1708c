"""Where the parts of JSON begin and end, found by brackets and quotes alone: however deep, none spoils the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["elements_of", "members_of", "read_member"]

_BOM = b"\xef\xbb\xbf"


def members_of(text: bytes) -> dict[str, bytes]:
    """The values of an object, as they are written, by their keys; of twins the last.

    Raises
    ------
    ValueError
        If it is no object.

    >>> members_of(b'{"a": NaN, "b": [1, "}"]}')
    {'a': b'NaN', 'b': b'[1, "}"]'}
    """
    found = {}
    for part in _parts(text, b"{}"):
        key, end = json.JSONDecoder().raw_decode(part.decode("utf-8", "surrogateescape"))
        rest = part.decode("utf-8", "surrogateescape")[end:].lstrip()
        if not isinstance(key, str) or not rest.startswith(":"):
            raise ValueError("a member of the object has no key")
        found[key] = rest[1:].strip().encode("utf-8", "surrogateescape")
    return found


def elements_of(text: bytes) -> list[bytes]:
    """The elements of a list, as they are written.

    Raises
    ------
    ValueError
        If it is no list.

    >>> elements_of(b'[{"a": [1, 2]}, "x,y"]')
    [b'{"a": [1, 2]}', b'"x,y"']
    """
    return list(_parts(text, b"[]"))


def read_member(members: dict[str, bytes], name: str) -> Any:
    """The value of a member; None if there is none, or it cannot be read."""
    try:
        return json.loads(members[name]) if name in members else None
    except (ValueError, RecursionError):
        return None


def _parts(text: bytes, brackets: bytes) -> Iterator[bytes]:
    """What stands between the commas of an object or a list."""
    text = text.removeprefix(_BOM).strip()
    if text[:1] != brackets[:1] or text[-1:] != brackets[1:]:
        raise ValueError(f"it does not stand in {brackets.decode()}")
    codes, depth = _depths(text)
    if depth[-1] != 0 or (depth[:-1] < 1).any():
        raise ValueError("its brackets do not close")
    if not text[1:-1].strip():
        return
    commas = np.flatnonzero((codes == ord(",")) & (depth == 1)).tolist()
    for first, last in zip([0, *commas], [*commas, len(text) - 1], strict=True):
        yield text[first + 1 : last].strip()


def _depths(text: bytes) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes, blank where they stand in strings, and how many brackets are open after each."""
    bare = text.replace(b"\\\\", b"  ").replace(b'\\"', b"  ")
    codes = np.frombuffer(bare, np.uint8).copy()
    codes[np.cumsum(codes == ord('"')) % 2 == 1] = ord(" ")
    opens = (codes == ord("[")) | (codes == ord("{"))
    closes = (codes == ord("]")) | (codes == ord("}"))
    return codes, np.cumsum(opens.astype(np.int64) - closes)
