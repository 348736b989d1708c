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


_PUT = """
INSERT INTO refinement (id, persona, day, body) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET persona = excluded.persona, day = excluded.day, body = excluded.body
"""
