"""What a store in memory keeps row by row: words on consents, and rows in quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.domain.consent import CONSENT_SCHEMA
from living_personas.domain.event import Quarantined, QuarantineReason
from living_personas.ports import Relation
from living_personas.stores.batches import first_of_each, identity_of
from living_personas.stores.row_erasure import Named

__all__ = ["MemoryConsents", "MemoryQuarantine", "in_memory"]


def in_memory(rows: Relation) -> pa.Table:
    """A relation as a table, which stays when its files go; no files are no rows."""
    if isinstance(rows, pa.Table):
        return rows
    tables = [pq.ParquetFile(path).read() for path in rows]
    return pa.concat_tables(tables, promote_options="default") if tables else pa.table({})


class MemoryConsents:
    """The last word of an id on a consent on each day."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str, date], dict[str, object]] = {}
        self.writes = 0

    def naming(self, named: Named) -> Counter[str]:
        """How many words are those of some ids."""
        return Counter({"consent": sum(key[0] in named.ids for key in self._said)})

    def forget(self, named: Named) -> None:
        """Let go of them."""
        self.writes += 1
        self._said = {key: row for key, row in self._said.items() if key[0] not in named.ids}

    def add(self, said: pa.Table) -> None:
        """Keep what was said."""
        for row in said.to_pylist():
            self.writes += 1
            key = (row["customer"], row["name"], row["day"])
            self._said[key] = max(row, self._said.get(key, row), key=_moment)

    def last(
        self,
        ids: Collection[str] | None = None,
        *,
        name: str | None = None,
        refuses: bool | None = None,
        before: date | None = None,
    ) -> pa.Table:
        """The last word of each id on each consent."""
        last = {key[:2]: row for key, row in sorted(self._said.items()) if before is None or key[2] < before}
        found = [
            row
            for (id_, said), row in last.items()
            if (ids is None or id_ in ids) and name in (None, said) and refuses in (None, row["refuses"])
        ]
        return pa.Table.from_pylist(found, schema=CONSENT_SCHEMA)


class MemoryQuarantine:
    """Rows held, in the order in which they came."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int | str, str], Quarantined] = {}
        self._received: dict[tuple[str, int | str, str], datetime] = {}
        self.writes = 0

    def put(self, rows: Sequence[Quarantined], *, received: datetime | None = None) -> tuple[bool, ...]:
        """Keep the rows that are not held already."""
        new = first_of_each(map(identity_of, rows), is_new=lambda identity: identity not in self._held)
        self.writes += sum(new)
        fresh = {identity_of(row): row for row, kept in zip(rows, new, strict=True) if kept}
        self._held |= fresh
        self._received |= {} if received is None else dict.fromkeys(fresh, received)
        return new

    def expire(self, *, before: datetime, now: datetime) -> int:
        """Let go of rows that were received before a moment; how many."""
        self._received = {identity: self._received.get(identity, now) for identity in self._held}
        return self.release([row for identity, row in self._held.items() if self._received[identity] < before])

    def rows(
        self, *, source: str | None = None, reason: QuarantineReason | None = None, limit: int | None = None
    ) -> tuple[Quarantined, ...]:
        """The rows held, oldest first."""
        asked = [row for row in self._held.values() if source in (None, row.source) and reason in (None, row.reason)]
        return tuple(asked[:limit])

    def counts(self) -> Mapping[tuple[str, QuarantineReason], int]:
        """How many rows are held by source and reason."""
        return Counter((row.source, row.reason) for row in self._held.values())

    def size(self) -> tuple[int, int]:
        """How many rows are held, and the bytes of what they say."""
        texts = (text for row in self._held.values() for text in (row.detail, row.payload, row.message_id))
        return len(self._held), sum(len(text.encode(errors="surrogatepass")) for text in texts)

    def release(self, rows: Sequence[Quarantined]) -> int:
        """Let go of rows; how many were held."""
        released = sum(self._held.pop(identity_of(row), None) is not None for row in rows)
        self.writes += released
        return released


def _moment(row: Mapping[str, object]) -> tuple[str, str]:
    return str(row["time"]), str(row["message_id"])
