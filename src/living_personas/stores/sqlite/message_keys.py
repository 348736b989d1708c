"""The keys of all message ids ever recorded: which ids of a batch are new is found out and written down in one step."""

from __future__ import annotations

from contextlib import suppress
from hashlib import blake2b
from typing import TypeAlias

import apsw
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from living_personas.stores.sqlite.connection import Connection

__all__ = ["MessageKeys"]

_Mask: TypeAlias = npt.NDArray[np.bool_]

_SIZE = 16


class MessageKeys:
    """One key for each message id, for ever; keys go in as whole batches, in their order, by one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, ids: pa.ChunkedArray) -> _Mask:
        """Note message ids; True for the first row of each that was not noted before.

        It belongs to the transaction that is open: taken back, nothing was noted.
        """
        stored = np.zeros(len(ids), np.bool_)
        if len(ids):
            keys = _keys(ids)
            rows = _first_rows(keys)
            stored[rows[self._added(tuple(keys[rows].tolist()))]] = True
        return stored

    def _added(self, keys: tuple[bytes, ...]) -> _Mask:
        """Add keys, each given once and in order; which were not there."""
        # Most batches are new as a whole, or not at all. To ask for each key would take twice as long as to add it.
        with suppress(_SomeKnownError), self._connection.transaction():
            count = self._connection.run(_ADD, (apsw.carray(keys),))
            if count in (0, len(keys)):
                return np.full(len(keys), bool(count))
            raise _SomeKnownError  # it is not said which: this is taken back, and they are asked for
        known = {key for (key,) in self._connection.rows(_KNOWN, (apsw.carray(keys),))}
        new = tuple(key for key in keys if key not in known)
        self._connection.run(_ADD, (apsw.carray(new),))
        return np.fromiter((key not in known for key in keys), np.bool_, len(keys))


class _SomeKnownError(Exception):
    """Some keys of a batch were there already."""


def _keys(ids: pa.ChunkedArray) -> npt.NDArray[np.void]:
    """The key of each message id."""
    digests = (blake2b(id_, digest_size=_SIZE).digest() for id_ in ids.cast(pa.binary()).to_pylist())
    return np.frombuffer(b"".join(digests), f"V{_SIZE}")


def _first_rows(keys: npt.NDArray[np.void]) -> npt.NDArray[np.intp]:
    """The row in which each key stands first, in order of the keys."""
    high, low = keys.view(">u8").reshape(-1, 2).T.astype(np.uint64)
    order = np.argsort(high)
    if not _repeats(high[order]).any():
        return order
    order = np.lexsort((low, high))  # equal keys stay in the order of their rows
    first = np.ones(len(keys), np.bool_)
    first[1:] = ~(_repeats(high[order]) & _repeats(low[order]))
    return order[first]


def _repeats(values: npt.NDArray[np.uint64]) -> _Mask:
    """Which of the values, from the second on, are the one before."""
    same: _Mask = values[1:] == values[:-1]
    return same


_ADD = "INSERT OR IGNORE INTO seen (key) SELECT value FROM carray(?)"
_KNOWN = "SELECT value FROM carray(?) WHERE value IN seen"
