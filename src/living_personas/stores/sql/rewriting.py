"""Forgetting customers: rows are deleted, files are written anew without them, and what they were in is removed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.domain.forgotten import names_any
from living_personas.errors import StoreError
from living_personas.ports import Holding
from living_personas.stores.row_erasure import Named
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.inbox import id_hash
from living_personas.stores.sql.part import Part
from living_personas.stores.sql.partition_files import PartitionFiles
from living_personas.stores.sql.quarantine import SqlQuarantine

__all__ = ["Rewriting"]

_AGAIN = "do it again: nothing is done twice."


class Rewriting:
    """One forgetting of some ids.

    Files are written while others go on writing, and take the place of the old ones in the transaction that deletes the
    rows; files that came in between are looked at inside of it. One file is in memory at a time.
    """

    def __init__(self, connection: Database, parts: PartitionFiles, quarantine: SqlQuarantine, named: Named) -> None:
        self._connection = connection
        self._parts = parts
        self._quarantine = quarantine
        self._named = named
        self._looked_at: set[int] = set()
        self._instead: list[tuple[Part, Part | None]] = []
        self._gone: Counter[str] = Counter()

    @contextmanager
    def done(self, holdings: Sequence[Holding]) -> Iterator[Mapping[str, int]]:
        """Forget, together with what is written inside; how many rows of each kind are gone."""
        self._rewrite(holdings)
        with self._connection.transaction():
            self._rewrite(holdings)
            for old, new in self._instead:
                if not self._parts.swap(old, new):
                    raise StoreError("A file was replaced while it was written without somebody.", hint=_AGAIN)
            self._delete()
            yield dict(sorted((+self._gone).items()))
        self._leave_no_byte()

    def _rewrite(self, holdings: Sequence[Holding]) -> None:
        """Write what there is of each holding without them, unless it was looked at."""
        for holding in holdings:
            for part in self._parts.held(holding.kind, family=holding.family):
                if part.id not in self._looked_at:
                    self._looked_at.add(part.id)
                    self._rewrite_part(part, holding)

    def _rewrite_part(self, part: Part, holding: Holding) -> None:
        with pq.ParquetFile(self._parts.whole(part)) as file:
            columns = self._named.columns(file.schema_arrow, holding)
            if self._named.without(file.read(columns=columns), holding) is None:
                return
            kept = self._named.without(file.read(), holding)
        if kept is None:
            raise AssertionError  # the columns that they may be in are among all columns
        written = self._parts.write(part.kind, [(part.day, kept)] if kept.num_rows else [])
        self._instead.append((part, written[0] if written else None))
        self._gone[holding.kind] += part.rows - kept.num_rows

    def _delete(self) -> None:
        ids = (json.dumps(sorted(self._named.ids)),)
        for table, statement in _DELETE.items():
            self._gone[table] += self._connection.run(statement, ids)
        self._connection.run(_EMPTY, ids)
        self._connection.run(_UNNAMED, (json.dumps(sorted(map(id_hash, self._named.ids))),))
        self._clean_waiting()
        bad = [row for row in self._quarantine.rows() if names_any(row, self._named.ids)]
        self._gone["quarantined"] += self._quarantine.release(bad)

    def _clean_waiting(self) -> None:
        """What waits of others, without the ids in what they say."""
        rows = self._connection.rows("SELECT seq, properties FROM waiting ORDER BY seq")
        table = pa.table({"seq": [seq for seq, _ in rows], "said": pa.array([text for _, text in rows], pa.string())})
        cleaned = self._named.without(table, Holding(kind="", family=False, owners=(), texts=("said",)))
        if cleaned is not None:
            new = [
                (text, seq) for (seq, old), text in zip(rows, cleaned["said"].to_pylist(), strict=True) if text != old
            ]
            self._connection.run_many("UPDATE waiting SET properties = ? WHERE seq = ?", new)

    def _leave_no_byte(self) -> None:
        left, log = self._parts.purge(), self._connection.empty_log()
        if not left and not log:
            left = "the log of the store is still held open by another process"
        if left:
            raise StoreError(f"All is forgotten, but {left}.", hint=f"wait a moment, and {_AGAIN}")


_DELETE = {
    "waiting": "DELETE FROM waiting WHERE customer IN (SELECT value FROM json_each(?1))",
    "consent": "DELETE FROM consent WHERE customer IN (SELECT value FROM json_each(?1))",
    "link": """
DELETE FROM link WHERE customer IN (SELECT value FROM json_each(?1)) OR also IN (SELECT value FROM json_each(?1))
""",
}
_UNNAMED = "DELETE FROM named WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?1))"
_EMPTY = "UPDATE waiting SET also = '' WHERE also IN (SELECT value FROM json_each(?1))"
