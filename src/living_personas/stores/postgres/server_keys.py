"""The keys of all message ids ever recorded, in one table of the server."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from living_personas.stores.batches import first_of_each
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.message_key import KEY_SIZE, keys_of

__all__ = ["ServerKeys"]


class ServerKeys:
    """One row for each message id, for ever."""

    def __init__(self, connection: Database) -> None:
        self._connection = connection

    def note(self, ids: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
        """Note message ids; True for the first row of each that was not noted before."""
        keys = keys_of(ids)
        if not keys:
            return np.zeros(0, np.bool_)
        added = {key for (key,) in self._connection.rows(_ADD, (sorted(set(keys)),))}
        return np.array(first_of_each(keys, is_new=added.__contains__), np.bool_)

    def all(self) -> Iterator[bytes]:
        """All keys, one behind the other, some at a time."""
        last = b""
        while keys := [key for (key,) in self._connection.rows(_AFTER, (last, _AT_ONCE))]:
            yield b"".join(keys)
            last = keys[-1]

    def add(self, keys: bytes) -> None:
        """Note keys; those that are there stay."""
        with self._connection.transaction():
            self._connection.rows(_ADD, ([keys[at : at + KEY_SIZE] for at in range(0, len(keys), KEY_SIZE)],))

    def count(self) -> int:
        """How many keys there are."""
        [(count,)] = self._connection.rows("SELECT count(*) FROM seen")
        return int(count)


_AT_ONCE = 1 << 16
_AFTER = "SELECT key FROM seen WHERE key > ? ORDER BY key LIMIT ?"
_ADD = "INSERT INTO seen (key) SELECT unnest(CAST(? AS bytea[])) ON CONFLICT DO NOTHING RETURNING key"
