"""The key that stands for a message id, 16 bytes of its BLAKE2b hash, and the month in which it was noted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any

import pyarrow as pa

__all__ = ["KEY_SIZE", "NO_MONTH", "keys_by_month", "keys_of", "month_of"]

KEY_SIZE = 16

NO_MONTH = 0
"""The month of keys of which it is not known: it was before any that is."""


def keys_of(ids: pa.ChunkedArray) -> list[bytes]:
    """The key of each message id."""
    return [blake2b(id_, digest_size=KEY_SIZE).digest() for id_ in ids.cast(pa.binary()).to_pylist()]


def keys_by_month(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, bytes]]:
    """Keys that each come with their month, those of a month one behind the other.

    >>> list(keys_by_month([(b"a", 1), (b"b", 2), (b"c", 1)]))
    [(1, b'ac'), (2, b'b')]
    """
    of: dict[int, list[bytes]] = {}
    for key, month in rows:
        of.setdefault(month, []).append(key)
    for month, keys in of.items():
        yield month, b"".join(keys)


def month_of(day: date) -> int:
    """The number of the month of a day, or of a moment, by which keys are forgotten together.

    >>> month_of(date(2026, 12, 31)) + 1 == month_of(date(2027, 1, 1))
    True
    """
    return 12 * day.year + day.month
