"""The keys of message ids: which ids of a batch are new is found out and written down in one step."""

from __future__ import annotations

from collections.abc import Iterator

import apsw
import numpy as np
import pyarrow as pa

from living_personas.domain.forgotten_ids import ForgottenIds
from living_personas.stores.sql.message_key import KEY_SIZE, NO_MONTH, keys_by_month, keys_of
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.key_runs import KeyRuns
from living_personas.stores.sqlite.sorted_keys import (
    Keys,
    Mask,
    are_among,
    as_keys,
    as_text,
    first_rows,
    merged,
)

__all__ = ["MessageKeys"]

IN_TREE = 1 << 16
"""Keys that are held in a tree, which takes a few at a time, before they become a run."""

_AT_ONCE = 1 << 18
"""Keys of a tree that become a run at once: one that an older version left may have many millions."""


class MessageKeys:
    """One key for each message id until its month is forgotten: the last ones in a tree, all others in sorted runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._runs = KeyRuns(connection, smallest=IN_TREE)

    def note(self, ids: pa.ChunkedArray, month: int = NO_MONTH) -> Mask:
        """Note message ids in a month; True for the first row of each that was not noted before.

        It belongs to the transaction that is open: taken back, nothing was noted.
        """
        stored = np.zeros(len(ids), np.bool_)
        if len(ids):
            keys = _keys(ids)
            rows = first_rows(keys)
            with self._connection.transaction():
                stored[rows[self._added(keys[:, rows], month)]] = True
        return stored

    def record(self, ids: pa.ChunkedArray, month: int) -> tuple[Mask, int]:
        """Note message ids of events, and use up a sequence number for each that is new; the first of these."""
        stored = self.note(ids, month)
        count = int(np.count_nonzero(stored))
        [(last,)] = self._connection.rows(_COUNT, (count,))
        return stored, int(last) - count + 1

    def hold(self, ids: pa.ChunkedArray) -> Mask:
        """Which message ids were noted before."""
        held = np.zeros(len(ids), np.bool_)
        if len(ids):
            keys = _keys(ids)
            order = np.lexsort((keys[1], keys[0]))
            with self._connection.moment():
                held[order] = self._runs.hold(keys[:, order]) | self._are_in_tree(keys[:, order])
        return held

    def all(self) -> Iterator[tuple[int, bytes]]:
        """All keys, one behind the other, some of a month at a time."""
        yield from ((month, as_text(keys)) for month, keys in self._runs.all())
        last = b""
        while some := self._connection.rows(_AFTER, (last, IN_TREE)):
            yield from keys_by_month(some)
            last = some[-1][0]

    def add(self, month: int, keys: bytes) -> None:
        """Note keys of a month; those that are there stay."""
        given = as_keys(keys)
        with self._connection.transaction():
            self._added(given[:, first_rows(given)], month)

    def forget(self, *, before: int, place: int = 0) -> ForgottenIds:
        """Forget a run of keys of months before one, or those of the tree where there is no such run.

        A run is as old as its youngest key: what lies in one run with that is remembered for longer.
        """
        with self._connection.transaction():
            forgotten, left = self._runs.forget_one(before=before)
            if not forgotten:
                forgotten = len(self._connection.rows(_FORGET, (NO_MONTH, before)))
                return ForgottenIds(count=forgotten, place=place + 1, of=place + 1)
        return ForgottenIds(count=forgotten, place=place + 1, of=place + 2 + left)

    def count(self) -> int:
        """How many keys there are."""
        [(count,)] = self._connection.rows(
            "SELECT (SELECT coalesce(sum(keys), 0) FROM seen_run) + (SELECT count(*) FROM seen)"
        )
        return int(count)

    def _added(self, keys: Keys, month: int) -> Mask:
        """Add keys, each given once and in order; which were not there."""
        new = ~self._runs.hold(keys)
        if self._in_tree() + np.count_nonzero(new) <= IN_TREE:
            new[new] = self._added_to_tree(keys[:, new], month)
            return new
        taken, youngest = self._taken_from_tree()
        new[new] = ~are_among(keys[:, new], taken)
        if taken.shape[1] == _AT_ONCE:
            new[new] = ~self._are_in_tree(keys[:, new])
        self._runs.add(merged(taken, keys[:, new]), max(month, youngest))
        return new

    def _in_tree(self) -> int:
        """How many keys the tree holds; if it is more than ``IN_TREE``, no more than one more is told."""
        [(count,)] = self._connection.rows("SELECT count(*) FROM (SELECT 1 FROM seen LIMIT ?)", (IN_TREE + 1,))
        return int(count)

    def _added_to_tree(self, keys: Keys, month: int) -> Mask:
        texts = _texts(keys)
        added = {key for (key,) in self._connection.rows(_ADD, (apsw.carray(texts), month))} if texts else set()
        return np.fromiter((text in added for text in texts), np.bool_, len(texts))

    def _are_in_tree(self, keys: Keys) -> Mask:
        texts = _texts(keys)
        known = {key for (key,) in self._connection.rows(_KNOWN, (apsw.carray(texts),))} if texts else set()
        return np.fromiter((text in known for text in texts), np.bool_, len(texts))

    def _taken_from_tree(self) -> tuple[Keys, int]:
        """The first keys of the tree, which are in it no more, and the youngest month of any."""
        some = self._connection.rows("SELECT key, month FROM seen ORDER BY key LIMIT ?", (_AT_ONCE,))
        if len(some) < _AT_ONCE:
            self._connection.run("DELETE FROM seen")
        else:
            self._connection.run("DELETE FROM seen WHERE key <= ?", (some[-1][0],))
        return as_keys(b"".join(key for key, _ in some)), max((month for _, month in some), default=NO_MONTH)


def _keys(ids: pa.ChunkedArray) -> Keys:
    """The key of each message id."""
    return as_keys(b"".join(keys_of(ids)))


def _texts(keys: Keys) -> tuple[bytes, ...]:
    text = as_text(keys)
    return tuple(text[at : at + KEY_SIZE] for at in range(0, len(text), KEY_SIZE))


_ADD = "INSERT OR IGNORE INTO seen (key, month) SELECT value, ?2 FROM carray(?1) RETURNING key"
_FORGET = "DELETE FROM seen WHERE month > ? AND month < ? RETURNING 1"
_COUNT = """
INSERT INTO counted (what, number) VALUES ('recorded', ?)
ON CONFLICT (what) DO UPDATE SET number = counted.number + excluded.number RETURNING number
"""
_AFTER = "SELECT key, month FROM seen WHERE key > ? ORDER BY key LIMIT ?"
_KNOWN = "SELECT value FROM carray(?) WHERE value IN (SELECT key FROM seen)"
