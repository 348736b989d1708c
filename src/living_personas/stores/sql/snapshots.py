"""Published snapshots: one hash chain."""

from __future__ import annotations

from collections.abc import Callable

from living_personas.domain.snapshot import Snapshot
from living_personas.stores.canonical_json import SNAPSHOT
from living_personas.stores.refusals import no_snapshot
from living_personas.stores.sql import chain
from living_personas.stores.sql.database import Database

__all__ = ["KIND", "SqlSnapshots"]

KIND = "snapshot"


class SqlSnapshots:
    """Snapshots by number."""

    def __init__(self, connection: Database, *, moved: Callable[[], object]) -> None:
        self._connection = connection
        self._moved = moved

    def publish(self, snapshot: Snapshot) -> None:
        """Add the next snapshot."""
        body = SNAPSHOT.dump(snapshot)
        chain.append(self._connection, KIND, "", snapshot.number, body, what="snapshot", moved=self._moved)

    def get(self, number: int) -> Snapshot:
        """The snapshot of this number."""
        for body in chain.read(self._connection, KIND, "", number=number):
            return SNAPSHOT.load(body)
        raise no_snapshot(number, held=chain.held(self._connection, KIND, ""))

    def latest(self) -> Snapshot | None:
        """The newest snapshot, if there is one."""
        for body in chain.newest(self._connection, KIND):
            return SNAPSHOT.load(body)
        return None

    def held(self) -> int:
        """The number of the newest snapshot; 0 if there is none."""
        return chain.held(self._connection, KIND, "")

    def head(self) -> str:
        """The hash that covers every snapshot."""
        return chain.head(self._connection, KIND, "").hex()

    def verify(self) -> None:
        """Check every snapshot, as ``SqlVersions.verify`` does for versions."""
        chain.verify(self._connection, KIND)
