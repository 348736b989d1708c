"""The keys of all message ids ever recorded, in one table of the server."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from living_personas.stores.batches import first_of_each
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.message_key import keys_of

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
        with self._connection.transaction():
            added = {key for (key,) in self._connection.rows(_ADD, (sorted(set(keys)),))}
        return np.array(first_of_each(keys, is_new=added.__contains__), np.bool_)


_ADD = "INSERT INTO seen (key) SELECT unnest(CAST(? AS bytea[])) ON CONFLICT DO NOTHING RETURNING key"
