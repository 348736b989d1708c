"""Sealing: rows that wait become Parquet files, and many small files become one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA, EventBatch
from living_personas.domain.value import value
from living_personas.errors import FilesAwayError, FilesRefusedError, StoreError
from living_personas.stores.batches import by_day, in_order
from living_personas.stores.sql.arrow_rows import arrow_table
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.partition_files import PartitionFiles

__all__ = ["BULK", "CHUNK", "MANY", "Sealing"]

CHUNK = 200_000
"""How many events are moved in one transaction: about 200 MB while they are Python objects."""
MANY = 8
"""A day with more small parts than this is compacted."""

BULK = 1_000
"""A batch with as many events a day becomes files at once: as rows in between they took three times as long."""

_SUMMED = 256 << 20
"""Bytes of files without sums that a process sums when it seals: that takes less than a second."""
_SMALL = 250_000  # rows; larger parts are left alone, so that compacting never holds more than a few million


@value
class _Slice:
    """The oldest waiting rows of a day: up to the sequence number ``last``, ``rows`` of them."""

    day: int
    last: int
    rows: int


class Sealing:
    """Moves events from the inbox into parts."""

    def __init__(self, connection: Database, parts: PartitionFiles, *, chunk: int = CHUNK) -> None:
        self._connection = connection
        self._parts = parts
        self._chunk = chunk
        self._swept = False

    def seal(self) -> tuple[date, ...]:
        """Seal what waits now; the days that gained rows, in order."""
        [(top,)] = self._connection.rows("SELECT coalesce(max(seq), 0) FROM waiting")
        days = self._seal_files()
        while slices := self._next_slices(top):
            days |= self._move(slices)
        for day in sorted(days):
            self._compact("events", day)
            self._compact("exposures", day)
        self._parts.sweep()
        if not self._swept:  # what a crash left lies there since before this process: once is enough
            self._parts.sweep_unknown()
            self._parts.sum_up(at_most=_SUMMED)
            self._swept = True
        self._parts.tidy_objects()
        self._connection.checkpoint()
        return tuple(sorted(days))

    def file(self, batch: EventBatch, *, first: int) -> bool:
        """Write a batch whose days come in bulk into files that wait to be sealed; whether it was one.

        ``first`` is its first sequence number.

        It belongs to the transaction that is open: taken back, the files are gone.
        """
        if len(batch) < BULK or len(batch) < BULK * pc.count_distinct(batch.events["day"]).as_py():
            return False
        try:
            with self._connection.transaction():
                parts = (
                    *self._parts.write("events", by_day(batch.events)),
                    *self._parts.write("exposures", by_day(batch.exposures)),
                )
        except (FilesAwayError, FilesRefusedError):
            return False  # rows are as safe, and wait until object storage is back, or takes files again
        self._connection.run_many("INSERT INTO filed (part, first) VALUES (?, ?)", [(part.id, first) for part in parts])
        return True

    def waiting(self) -> int:
        """How many events are recorded and not yet sealed, in rows or in files."""
        [(rows,)] = self._connection.rows("SELECT count(*) FROM waiting")
        return int(rows) + sum(part.rows for part in self._parts.filed() if part.kind == "events")

    def _seal_files(self) -> set[date]:
        """Publish the files that wait; the days that gained rows."""
        with self._connection.transaction():
            parts = self._parts.filed()
            self._parts.publish(parts)
            self._connection.run("DELETE FROM filed")
        return {part.day for part in parts}

    def _next_slices(self, top: int) -> tuple[_Slice, ...]:
        rows = self._connection.rows(
            "SELECT day, seq FROM waiting WHERE seq <= ? ORDER BY day, seq LIMIT ?", (top, self._chunk)
        )
        last: dict[int, int] = dict(rows)  # the last pair of each day wins
        counts = Counter(day for day, _ in rows)
        return tuple(_Slice(day=day, last=last[day], rows=n) for day, n in counts.items())

    def _move(self, slices: Sequence[_Slice]) -> set[date]:
        """Write the files, then publish them and delete their rows in one transaction; the days written."""
        parts = (
            *self._parts.write("events", by_day(self._read(_EVENTS, slices, EVENT_SCHEMA))),
            *self._parts.write("exposures", by_day(self._read(_EXPOSURES, slices, EXPOSURE_SCHEMA))),
        )
        with self._connection.transaction():
            if self._still_waiting(slices):
                self._parts.publish(parts)
                self._connection.run_many(_DELETE, [(slice_.day, slice_.last) for slice_ in slices])
                return {part.day for part in parts}
        self._parts.give_up(parts)  # another process sealed the same rows, and was faster
        return set()

    def _still_waiting(self, slices: Sequence[_Slice]) -> bool:
        # Sequence numbers are never used twice, so as many rows are the same rows.
        counts = (self._connection.rows(_COUNT, (slice_.day, slice_.last)) for slice_ in slices)
        return [n for [(n,)] in counts] == [slice_.rows for slice_ in slices]

    def _read(self, sql: str, slices: Sequence[_Slice], schema: pa.Schema) -> pa.Table:
        rows = [row for slice_ in slices for row in self._connection.rows(sql, (slice_.day, slice_.last))]
        return arrow_table(rows, schema)

    def _compact(self, kind: str, day: date) -> None:
        """Merge the small parts of a day if they are many."""
        small = [part for part in self._parts.live(kind, day, day) if part.rows < _SMALL]
        if len(small) <= MANY:
            return
        try:
            paths = [self._parts.whole(part) for part in small]
        except StoreError:
            return  # damage is for whoever reads the day; what is sealed now is safe beside it
        merged = pa.concat_tables([pq.read_table(path, partitioning=None) for path in paths])
        written = self._parts.write(kind, [(day, in_order(merged))])
        if not self._parts.publish(written, instead_of=small):
            self._parts.give_up(written)  # somebody else replaced them in the meantime


_COUNT = "SELECT count(*) FROM waiting WHERE day = ? AND seq <= ?"
_DELETE = "DELETE FROM waiting WHERE day = ? AND seq <= ?"
_EVENTS = """
SELECT message_id, customer, also, name, time, day, hour, channel, properties
FROM waiting WHERE day = ? AND seq <= ?
"""
_EXPOSURES = """
SELECT e.message_id, e.customer, e.time, e.day, e.channel, e.persona, e.attribute, e.option, e.policy, e.epoch,
    e.stratum, e.propensity, e.decision_id, e.holdout
FROM waiting w JOIN waiting_exposure e ON e.event = w.seq WHERE w.day = ? AND w.seq <= ?
"""
