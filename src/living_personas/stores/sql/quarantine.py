"""Quarantined rows, kept whole, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

from living_personas.domain.event import Quarantined, QuarantineReason
from living_personas.stores.batches import first_of_each, identity_of
from living_personas.stores.sql.database import Database, Row
from living_personas.stores.sql.micros import to_micros

__all__ = ["SqlQuarantine"]


class SqlQuarantine:
    """Rows held, in the order in which they came."""

    def __init__(self, connection: Database) -> None:
        self._connection = connection

    def put(self, rows: Sequence[Quarantined], *, received: datetime | None = None) -> tuple[bool, ...]:
        """Keep the rows that are not held already."""
        at = None if received is None else to_micros(received)
        with self._connection.transaction():
            kept = self._connection.run_many(_KEEP, [(*_stored(row), at) for row in rows])
        new = {key for (key,) in kept}
        return first_of_each(map(_key, rows), is_new=new.__contains__)

    def expire(self, *, before: datetime, now: datetime) -> int:
        """Let go of rows that were received before a moment; how many."""
        with self._connection.transaction():
            self._connection.run("UPDATE quarantined SET received = ? WHERE received IS NULL", (to_micros(now),))
            return self._connection.run("DELETE FROM quarantined WHERE received < ?", (to_micros(before),))

    def rows(
        self, *, source: str | None = None, reason: QuarantineReason | None = None, limit: int | None = None
    ) -> tuple[Quarantined, ...]:
        """The rows held, oldest first."""
        rows = self._connection.rows(
            _ROWS,
            (source, reason, _ALL if limit is None else limit),
        )
        return tuple(map(_read, rows))

    def counts(self) -> Mapping[tuple[str, QuarantineReason], int]:
        """How many rows are held by source and reason."""
        rows = self._connection.rows("SELECT source, reason, count(*) FROM quarantined GROUP BY source, reason")
        return {(source, reason): n for source, reason, n in rows}

    def size(self) -> tuple[int, int]:
        """How many rows are held, and the bytes of what they say."""
        rows = self._connection.rows(
            "SELECT count(*), coalesce(sum(length(detail) + length(payload) + length(message_id)), 0) FROM quarantined"
        )
        ((held, size),) = rows
        return held, size

    def release(self, rows: Sequence[Quarantined]) -> int:
        """Let go of rows; how many were held."""
        with self._connection.transaction():
            released = self._connection.run_many(
                "DELETE FROM quarantined WHERE key = ? RETURNING seq", [(_key(row),) for row in rows]
            )
        return len(released)


_KEEP = """
INSERT INTO quarantined (key, source, row, reason, detail, payload, message_id, received)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO NOTHING RETURNING key
"""
_ALL = 2**63 - 1
_ROWS = """
SELECT key, source, row, reason, detail, payload, message_id FROM quarantined
WHERE (CAST(?1 AS TEXT) IS NULL OR source = ?1) AND (CAST(?2 AS TEXT) IS NULL OR reason = ?2) ORDER BY seq LIMIT ?3
"""


def _key(row: Quarantined) -> bytes:
    return blake2b(json.dumps(identity_of(row)).encode(), digest_size=16).digest()


def _stored(row: Quarantined) -> Row:
    texts = (_bytes(row.detail), _bytes(row.payload), _bytes(row.message_id))
    return (_key(row), row.source, row.row, row.reason, *texts)


def _read(stored: Row) -> Quarantined:
    _, source, row, reason, *texts = stored
    detail, payload, message_id = map(_text, texts)
    return Quarantined(source=source, row=row, reason=reason, detail=detail, payload=payload, message_id=message_id)


def _bytes(text: str) -> bytes:
    # Hostile rows may hold half surrogate pairs, which are no UTF-8; they must come back as they were.
    return text.encode(errors="surrogatepass")


def _text(stored: bytes) -> str:
    return stored.decode(errors="surrogatepass")
