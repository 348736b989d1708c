"""Refinements, one row each."""

from __future__ import annotations

from living_personas.domain.refinement import Refinement
from living_personas.errors import UnknownNameError
from living_personas.stores.canonical_json import REFINEMENT
from living_personas.stores.sql.database import Database

__all__ = ["SqlRefinements"]


class SqlRefinements:
    """Refinements by id."""

    def __init__(self, connection: Database) -> None:
        self._connection = connection
        self._waited: tuple[object, tuple[Refinement, ...]] | None = None

    def put(self, refinement: Refinement) -> None:
        """Keep a refinement; one with the same id is replaced."""
        row = (refinement.id, refinement.subject.persona, refinement.day.isoformat(), REFINEMENT.dump(refinement))
        with self._connection.transaction():
            self._connection.run(_PUT, row)

    def get(self, refinement_id: str) -> Refinement:
        """The refinement of this id."""
        row = self._connection.row("SELECT body FROM refinement WHERE id = ?", (refinement_id,))
        if row is None:
            known = self._connection.rows("SELECT id FROM refinement")
            raise UnknownNameError.among("refinement", refinement_id, (id_ for (id_,) in known))
        return REFINEMENT.load(row[0])

    def all(self, *, persona: str | None = None) -> tuple[Refinement, ...]:
        """All refinements by (day, id)."""
        rows = self._connection.rows(
            "SELECT body FROM refinement WHERE CAST(?1 AS TEXT) IS NULL OR persona = ?1 ORDER BY day, id", (persona,)
        )
        return tuple(REFINEMENT.load(body) for (body,) in rows)

    def waiting(self) -> tuple[Refinement, ...]:
        """Those whose review is open, by (day, id); no other is decoded, and none again until something is written."""
        now = None if self._connection.in_transaction else self._connection.changed()
        if now is not None and self._waited is not None and self._waited[0] == now:
            return self._waited[1]
        found = self._open()
        self._waited = None if now is None else (now, found)
        return found

    def _open(self) -> tuple[Refinement, ...]:
        rows = self._connection.rows("SELECT body FROM refinement")
        found = (REFINEMENT.load(body) for (body,) in rows if _OPEN in body)
        return tuple(sorted((each for each in found if each.review == "open"), key=lambda each: (each.day, each.id)))


_OPEN = b'"review":"open"'
"""What the canonical bytes of an open one hold; a text that says so has its quotes escaped."""

_PUT = """
INSERT INTO refinement (id, persona, day, body) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET persona = excluded.persona, day = excluded.day, body = excluded.body
"""
