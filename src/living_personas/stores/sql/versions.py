"""Persona versions: one hash chain for each persona."""

from __future__ import annotations

from collections.abc import Callable

from living_personas.domain.persona import PersonaVersion
from living_personas.stores.canonical_json import VERSION
from living_personas.stores.sql import chain
from living_personas.stores.sql.database import Database

__all__ = ["SqlVersions"]

_KIND = "version"


class SqlVersions:
    """The history of each persona, appended and never rewritten."""

    def __init__(self, connection: Database, *, moved: Callable[[], object]) -> None:
        self._connection = connection
        self._moved = moved

    def append(self, version: PersonaVersion) -> None:
        """Add the next version."""
        what = f"version of persona {version.id!r}"
        body = VERSION.dump(version)
        chain.append(self._connection, _KIND, version.id, version.version, body, what=what, moved=self._moved)

    def history(self, persona: str) -> tuple[PersonaVersion, ...]:
        """All versions of a persona, oldest first."""
        return tuple(map(VERSION.load, chain.read(self._connection, _KIND, persona)))

    def latest(self) -> tuple[PersonaVersion, ...]:
        """The newest version of every persona, by persona id."""
        return tuple(map(VERSION.load, chain.newest(self._connection, _KIND)))

    def verify(self) -> None:
        """Check every version of every persona."""
        chain.verify(self._connection, _KIND)
