"""Keys of 16 bytes in columns: put in order, looked for among others, and told at a glance that they are not there."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "Filter",
    "Keys",
    "Mask",
    "are_among",
    "as_keys",
    "as_text",
    "bloom_filter",
    "first_rows",
    "let_pass",
    "may_hold",
    "merged",
]

Keys: TypeAlias = npt.NDArray[np.uint64]
"""Shape ``(2, n)``: the first eight bytes of each key as a number, and the last eight."""
Mask: TypeAlias = npt.NDArray[np.bool_]
Filter: TypeAlias = npt.NDArray[np.uint8]

_BLOCK = 16
"""A block of a filter has 2 to the power of this many bits, 8 KB: what is asked about one block stays in the cache."""
_BITS = 8
"""A filter has at least this many bits for each key, and less than twice as many: 3 % to .5 % of others may pass."""
_AT_ONCE = 64
"""Blocks that are made at once: 4 MB while their bits are bytes."""


def as_keys(texts: bytes) -> Keys:
    """Keys that stand one behind the other."""
    return np.ascontiguousarray(np.frombuffer(texts, ">u8").reshape(-1, 2).T, np.uint64)


def as_text(keys: Keys) -> bytes:
    """The 16 bytes of each key, one behind the other."""
    return keys.T.astype(">u8").tobytes()


def first_rows(keys: Keys) -> npt.NDArray[np.intp]:
    """The row in which each key stands first, in order of the keys."""
    high, low = keys
    order = np.argsort(high, kind="stable")
    if not _repeats(high[order]).any():
        return order
    order = np.lexsort((low, high))  # equal keys stay in the order of their rows
    first = np.ones(len(order), np.bool_)
    first[1:] = ~(_repeats(high[order]) & _repeats(low[order]))
    return order[first]


def merged(*several: Keys) -> Keys:
    """Keys of which each stands in one place, put in order; those of each place may be in order already."""
    keys = np.concatenate(several, axis=1)
    return keys[:, first_rows(keys)]


def are_among(asked: Keys, held: Keys) -> Mask:
    """Which of the keys are among those held; both are in order.

    >>> are_among(as_keys(bytes(16) + bytes([1] * 16)), as_keys(bytes([1] * 16))).tolist()
    [False, True]
    """
    found = np.zeros(asked.shape[1], np.bool_)
    rows, places = np.arange(asked.shape[1]), np.searchsorted(held[0], asked[0])
    while rows.size:
        alike = places < held.shape[1]
        rows, places = rows[alike], places[alike]
        alike = held[0, places] == asked[0, rows]
        rows, places = rows[alike], places[alike]
        same = held[1, places] == asked[1, rows]
        found[rows[same]] = True
        rows, places = rows[~same], places[~same] + 1  # the first eight bytes of two keys may be the same
    return found


def bloom_filter(count: int) -> Filter:
    """A Bloom filter that rules out every key, with room for ``count`` of them: three bits each, in one block.

    References
    ----------
    Putze, Sanders & Singler (2007), Cache-, Hash- and Space-Efficient Bloom Filters.
    """
    return np.zeros(1 << max(_BLOCK, (_BITS * count - 1).bit_length()) - 3, np.uint8)


def let_pass(made: Filter, keys: Keys) -> None:
    """Change a filter so that it rules out none of these keys, which are in order."""
    blocks = _blocks(made)
    own = _block(keys[0], blocks)
    for first in range(int(own[0]), int(own[-1]) + 1, _AT_ONCE) if len(own) else ():
        begin, end = np.searchsorted(own, (first, first + _AT_ONCE))
        bits = np.zeros(min(_AT_ONCE, blocks - first) << _BLOCK, np.bool_)
        for number in range(3):
            bits[_places(keys[:, begin:end], blocks, number) - (first << _BLOCK)] = True
        made[first << _BLOCK - 3 :][: len(bits) >> 3] |= np.packbits(bits, bitorder="little")


def may_hold(made: Filter, keys: Keys) -> npt.NDArray[np.int64]:
    """The rows of the keys that a filter does not rule out."""
    rows: npt.NDArray[np.int64] = np.arange(keys.shape[1])
    for number in range(3):
        places = _places(keys[:, rows], _blocks(made), number)
        rows = rows[(made[places >> 3] >> (places & 7).astype(np.uint8)) & 1 == 1]
    return rows


def _block(high: npt.NDArray[np.uint64], blocks: int) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = ((high >> np.uint64(32)) * np.uint64(blocks) >> np.uint64(32)).astype(np.int64)
    return found


def _places(keys: Keys, blocks: int, number: int) -> npt.NDArray[np.int64]:
    """One of the three bits of each key."""
    inside = keys[1] >> np.uint64(_BLOCK * number) & np.uint64((1 << _BLOCK) - 1)
    found: npt.NDArray[np.int64] = (_block(keys[0], blocks) << _BLOCK) + inside.astype(np.int64)
    return found


def _blocks(made: Filter) -> int:
    return len(made) >> _BLOCK - 3


def _repeats(values: npt.NDArray[np.uint64]) -> Mask:
    """Which of the values, from the second on, are the one before."""
    same: Mask = values[1:] == values[:-1]
    return same
