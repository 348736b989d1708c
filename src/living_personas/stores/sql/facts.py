"""Small named facts, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile

from living_personas.stores.sql.database import Database

__all__ = ["SqlFacts"]


class SqlFacts:
    """Facts by name."""

    def __init__(self, connection: Database) -> None:
        self._connection = connection

    def get(self, key: str) -> bytes | None:
        """The fact of this name, if it is known."""
        row = self._connection.row("SELECT content FROM fact WHERE key = ?", (key,))
        return row[0] if row else None

    def set(self, facts: Mapping[str, bytes | None]) -> None:
        """Set all these facts at once; None forgets one."""
        with self._connection.transaction():
            self._connection.run_many(
                "INSERT INTO fact VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET content = excluded.content",
                [(key, content) for key, content in facts.items() if content is not None],
            )
            self._connection.run_many(
                "DELETE FROM fact WHERE key = ?", [(key,) for key, content in facts.items() if content is None]
            )

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """The names that begin with ``prefix``, in order."""
        rows = self._connection.rows("SELECT key FROM fact WHERE key >= ? ORDER BY key", (prefix,))
        return tuple(takewhile(lambda key: key.startswith(prefix), (key for (key,) in rows)))
