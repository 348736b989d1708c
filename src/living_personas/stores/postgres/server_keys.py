"""The keys of message ids, in one table of the server, each with the month in which it was noted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from living_personas.domain.forgotten_ids import ForgottenIds
from living_personas.stores.batches import first_of_each
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.message_key import KEY_SIZE, NO_MONTH, keys_by_month, keys_of

__all__ = ["ServerKeys"]


class ServerKeys:
    """One row for each message id until its month is forgotten."""

    def __init__(self, connection: Database) -> None:
        self._connection = connection

    def note(self, ids: pa.ChunkedArray, month: int = NO_MONTH) -> npt.NDArray[np.bool_]:
        """Note message ids in a month; True for the first row of each that was not noted before."""
        keys = keys_of(ids)
        if not keys:
            return np.zeros(0, np.bool_)
        [(added,)] = self._connection.rows(_NOTE, (_once(keys), month))
        return _new(keys, added)

    def record(self, ids: pa.ChunkedArray, month: int) -> tuple[npt.NDArray[np.bool_], int]:
        """Note message ids of events, and use up a sequence number for each that is new; the first of these."""
        keys = keys_of(ids)
        [(added, last)] = self._connection.rows(_RECORD, (_once(keys), month))
        return _new(keys, added), int(last) - len(added) // KEY_SIZE + 1

    def hold(self, ids: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
        """Which message ids were noted before."""
        keys = keys_of(ids)
        held = {key for (key,) in self._connection.rows(_KNOWN, (sorted(set(keys)),))} if keys else set()
        return np.array([key in held for key in keys], np.bool_)

    def all(self) -> Iterator[tuple[int, bytes]]:
        """All keys, one behind the other, some of a month at a time."""
        last = b""
        while some := self._connection.rows(_AFTER, (last, _AT_ONCE)):
            yield from keys_by_month(some)
            last = some[-1][0]

    def add(self, month: int, keys: bytes) -> None:
        """Note keys of a month; those that are there stay."""
        with self._connection.transaction():
            self._connection.run(_NOTE, (keys, month))

    def forget(self, *, before: int, place: int = 0) -> ForgottenIds:
        """Forget the keys of all months before one that lie on some pages of the table, from a page on."""
        after = place + _PAGES_AT_ONCE
        with self._connection.transaction():
            [(pages,)] = self._connection.rows(_PAGES)
            [(count,)] = self._connection.rows(_FORGET, (f"({place},0)", f"({after},0)", before))
        return ForgottenIds(count=int(count), place=min(after, int(pages)), of=int(pages))

    def count(self) -> int:
        """How many keys there are."""
        [(count,)] = self._connection.rows("SELECT count(*) FROM seen")
        return int(count)


_AT_ONCE = 1 << 16
_PAGES_AT_ONCE = 2048
_PAGES = "SELECT pg_relation_size('seen') / current_setting('block_size')::int"
_FORGET = f"""
WITH gone AS (
    DELETE FROM seen WHERE ctid >= CAST(?1 AS tid) AND ctid < CAST(?2 AS tid) AND month > {NO_MONTH} AND month < ?3
    RETURNING 1
)
SELECT count(*) FROM gone
"""  # noqa: S608 - our number
_AFTER = "SELECT key, month FROM seen WHERE key > ? ORDER BY key LIMIT ?"
_KNOWN = "SELECT key FROM seen WHERE key = ANY(CAST(? AS bytea[]))"
_ADDED = f"""
WITH added AS (
    INSERT INTO seen (key, month) SELECT substr(?1, place, {KEY_SIZE}), CAST(?2 AS smallint)
    FROM generate_series(1, length(?1), {KEY_SIZE}) AS place
    ON CONFLICT DO NOTHING RETURNING key
)"""  # noqa: S608 - our number; keys travel as one value, as an array of them costs more to write and to read
_NOTE = f"{_ADDED} SELECT coalesce(string_agg(key, ''), '') FROM added"  # noqa: S608
_RECORD = f"""{_ADDED}, recorded AS (
    INSERT INTO counted (what, number) SELECT 'recorded', count(*) FROM added
    ON CONFLICT (what) DO UPDATE SET number = counted.number + excluded.number RETURNING number
)
SELECT coalesce(string_agg(key, ''), ''), (SELECT number FROM recorded) FROM added
"""  # noqa: S608


def _once(keys: list[bytes]) -> bytes:
    return b"".join(sorted(set(keys)))


def _new(keys: list[bytes], added: bytes) -> npt.NDArray[np.bool_]:
    """The first row of each key that was added."""
    if len(added) == KEY_SIZE * len(keys):
        return np.ones(len(keys), np.bool_)
    new = {added[at : at + KEY_SIZE] for at in range(0, len(added), KEY_SIZE)}
    return np.array(first_of_each(keys, is_new=new.__contains__), np.bool_)
