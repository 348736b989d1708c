"""Documents that are only ever added to: persona versions, a hash chain for each persona, and snapshots, in one."""

from __future__ import annotations

from collections.abc import Callable

from living_personas.domain.persona import PersonaVersion
from living_personas.domain.snapshot import Snapshot
from living_personas.stores.canonical_json import SNAPSHOT, VERSION
from living_personas.stores.refusals import no_snapshot
from living_personas.stores.sql import chain
from living_personas.stores.sql.database import Database

__all__ = ["SNAPSHOTS", "SqlSnapshots", "SqlVersions"]

SNAPSHOTS, _VERSIONS = "snapshot", "version"


class SqlVersions:
    """The history of each persona, appended and never rewritten."""

    def __init__(self, connection: Database, *, moved: Callable[[], object]) -> None:
        self._connection = connection
        self._moved = moved

    def append(self, version: PersonaVersion) -> None:
        """Add the next version."""
        what = f"version of persona {version.id!r}"
        body = VERSION.dump(version)
        chain.append(self._connection, _VERSIONS, version.id, version.version, body, what=what, moved=self._moved)

    def history(self, persona: str) -> tuple[PersonaVersion, ...]:
        """All versions of a persona, oldest first."""
        return tuple(map(VERSION.load, chain.read(self._connection, _VERSIONS, persona)))

    def latest(self) -> tuple[PersonaVersion, ...]:
        """The newest version of every persona, by persona id."""
        return tuple(map(VERSION.load, chain.newest(self._connection, _VERSIONS)))

    def verify(self) -> None:
        """Check every version of every persona."""
        chain.verify(self._connection, _VERSIONS)


class SqlSnapshots:
    """Snapshots by number."""

    def __init__(self, connection: Database, *, moved: Callable[[], object]) -> None:
        self._connection = connection
        self._moved = moved

    def publish(self, snapshot: Snapshot) -> None:
        """Add the next snapshot."""
        body = SNAPSHOT.dump(snapshot)
        chain.append(self._connection, SNAPSHOTS, "", snapshot.number, body, what="snapshot", moved=self._moved)

    def get(self, number: int) -> Snapshot:
        """The snapshot of this number."""
        for body in chain.read(self._connection, SNAPSHOTS, "", number=number):
            return SNAPSHOT.load(body)
        raise no_snapshot(number, held=chain.held(self._connection, SNAPSHOTS, ""))

    def latest(self) -> Snapshot | None:
        """The newest snapshot, if there is one."""
        for body in chain.newest(self._connection, SNAPSHOTS):
            return SNAPSHOT.load(body)
        return None

    def held(self) -> int:
        """The number of the newest snapshot; 0 if there is none."""
        return chain.held(self._connection, SNAPSHOTS, "")

    def head(self) -> str:
        """The hash that covers every snapshot."""
        return chain.head(self._connection, SNAPSHOTS, "").hex()

    def verify(self) -> None:
        """Check every snapshot, as ``SqlVersions.verify`` does for versions."""
        chain.verify(self._connection, SNAPSHOTS)
