"""The inbox: a message id is a key for ever, an event is a row until it is sealed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from hashlib import blake2b

import pyarrow as pa

from living_personas.domain.batch import EventBatch
from living_personas.stores.batches import checked, first_of_each, restricted
from living_personas.stores.linking import linked, links_of
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.moments import to_micros
from living_personas.stores.sqlite.sealing import Sealing

__all__ = ["SqliteInbox"]


class SqliteInbox:
    """Events, each recorded once for ever."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def record(self, batch: EventBatch, *, received: datetime) -> tuple[bool, ...]:
        """Record what is new, keys and rows in one transaction; days that come in bulk go to files at once."""
        batch = checked(batch)
        keys = [blake2b(id_.encode(), digest_size=16).digest() for id_ in batch.events["message_id"].to_pylist()]
        with self._connection.transaction():
            new = {key for (key,) in self._connection.run_many(_SEE, ((key,) for key in keys))}
            stored = first_of_each(keys, is_new=new.__contains__)
            if new:
                kept = restricted(batch, stored)
                if not self._sealing.file(kept):
                    self._keep(kept, received=received)
                self._connection.run_many(_LINK, links_of(kept.events))
        return stored

    def seal(self) -> tuple[date, ...]:
        """Move what is waiting into Parquet files."""
        return self._sealing.seal()

    def waiting(self) -> int:
        """How many events are recorded and not yet sealed."""
        return self._sealing.waiting()

    def links(self) -> pa.Table:
        """Which ids are one customer."""
        rows = self._connection.rows("SELECT time, message_id, customer, also FROM link")
        return linked((time, message_id, customer, also) for time, message_id, customer, also in rows)

    def _keep(self, batch: EventBatch, *, received: datetime) -> None:
        last = self._connection.row("SELECT seq FROM sqlite_sequence WHERE name = 'waiting'")
        first = (last[0] if last else 0) + 1
        seqs = range(first, first + len(batch))
        moment = to_micros(received)
        self._connection.run_many(_WAIT, _rows(seqs, [moment] * len(batch), table=batch.events))
        if batch.exposures.num_rows:
            seq_of = dict(zip(batch.events["message_id"].to_pylist(), seqs, strict=True))
            events = map(seq_of.__getitem__, batch.exposures["message_id"].to_pylist())
            self._connection.run_many(_EXPOSE, _rows(events, table=batch.exposures))


_SEE = "INSERT OR IGNORE INTO seen (key) VALUES (?) RETURNING key"
_WAIT = """
INSERT INTO waiting (seq, received, message_id, customer, also, name, time, day, hour, channel, properties)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_EXPOSE = """
INSERT INTO waiting_exposure (event, message_id, customer, time, day, channel, persona, attribute, option, policy,
    epoch, stratum, propensity, decision_id, holdout)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LINK = """
INSERT INTO link (time, message_id, customer, also) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET time = excluded.time, message_id = excluded.message_id
WHERE (excluded.time, excluded.message_id) < (link.time, link.message_id)
"""


def _rows(*keys: Iterable[int], table: pa.Table) -> Iterable[tuple[object, ...]]:
    """The rows of a table behind their keys, moments and days as whole numbers."""
    columns = [_plain(table[name]).to_pylist() for name in table.schema.names]
    return zip(*keys, *columns, strict=True)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64())
    return column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
