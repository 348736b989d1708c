"""A store in a database, whichever it is: one workspace's memory, put together of its parts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from living_personas.errors import Location, StoreError
from living_personas.ports import Holding
from living_personas.stores.row_erasure import Named
from living_personas.stores.sql.chain_heads import ChainHeads
from living_personas.stores.sql.consents import SqlConsents
from living_personas.stores.sql.database import Database, MessageIndex
from living_personas.stores.sql.documents import SNAPSHOTS, SqlSnapshots, SqlVersions
from living_personas.stores.sql.facts import SqlFacts
from living_personas.stores.sql.inbox import SqlInbox
from living_personas.stores.sql.lease import hold_lease
from living_personas.stores.sql.partition_files import PartitionFiles
from living_personas.stores.sql.partitions import SqlPartitions
from living_personas.stores.sql.quarantine import SqlQuarantine
from living_personas.stores.sql.refinements import SqlRefinements
from living_personas.stores.sql.rewriting import Rewriting
from living_personas.stores.sql.sealing import Sealing

__all__ = ["UNFINISHED", "SqlStore"]

UNFINISHED = "copying"
"""What a store that is being copied into counts: from where, as a number."""


class SqlStore:
    """One workspace's memory in a database and its files; stores say how both are opened.

    Parameters
    ----------
    keys
        Which message ids were ever recorded.
    chunk
        How many events are sealed in one transaction.
    is_gone
        Whether the owner of a lease has certainly ended, so that its lease may be taken over at once.
    """

    def __init__(
        self,
        connection: Database,
        parts: PartitionFiles,
        heads: ChainHeads,
        *,
        keys: MessageIndex,
        chunk: int,
        is_gone: Callable[[str], bool],
    ) -> None:
        self.connection = connection
        self.parts = parts
        self.keys = keys
        self._is_gone = is_gone
        self.inbox = SqlInbox(connection, Sealing(connection, parts, chunk=chunk), keys=keys)
        self.consents = SqlConsents(connection)
        self.quarantine = SqlQuarantine(connection)
        self.partitions = SqlPartitions(connection, parts)
        self.versions = SqlVersions(connection, moved=heads.keep)
        self.refinements = SqlRefinements(connection)
        self.snapshots = SqlSnapshots(connection, moved=heads.keep)
        self.facts = SqlFacts(connection)

    def lease(self, owner: str, *, now: datetime, seconds: float) -> AbstractContextManager[None]:
        """Hold the one worker lease; one that ran out, or whose owner is gone, may be taken over."""
        return hold_lease(self.connection, owner, now=now, seconds=seconds, is_gone=self._is_gone)

    def commit(self) -> AbstractContextManager[None]:
        """All or nothing of what is written inside; other writers wait until it is done."""
        return self.connection.transaction()

    def forgetting(
        self, ids: Collection[str], *, holdings: Sequence[Holding]
    ) -> AbstractContextManager[Mapping[str, int]]:
        """Forget rows about these ids: files are written anew, one at a time, and what was replaced is removed."""
        return Rewriting(self.connection, self.parts, self.quarantine, Named(ids)).done(holdings)

    def changed(self) -> object:
        """What the database says of the writes of others and of its own."""
        return self.connection.changed()

    def marks(self, kind: str) -> tuple[int, str, int]:
        """The newest snapshot, how many files of a kind and the newest, how many were recorded; in one statement."""
        [(snapshot, parts, recorded)] = self.connection.rows(_MARKS, (SNAPSHOTS, kind))
        return snapshot or 0, parts, recorded or 0

    def begun_copy(self) -> int | None:
        """From where a copy into this store was begun and not finished, as a number; None if there is none."""
        row = self.connection.row("SELECT number FROM counted WHERE what = ?", (UNFINISHED,))
        return int(row[0]) if row else None

    def check_whole(self) -> None:
        """Refuse to be used while a copy into this store is not finished.

        Raises
        ------
        StoreError
            If one was begun.
        """
        if self.begun_copy() is not None:
            raise StoreError(
                "A copy into this store was begun, and not finished.",
                hint="run the same `personas copy` again: it goes on where it stopped.",
                where=Location(file=self.connection.place),
            )

    def close(self) -> None:
        """Let go of the database."""
        self.connection.close()


_MARKS = """
SELECT (SELECT number FROM head WHERE kind = ? AND name = ''),
    (SELECT CAST(count(*) AS TEXT) || '.' || CAST(coalesce(max(id), 0) AS TEXT) FROM part
        WHERE state = 'live' AND kind = ?),
    (SELECT number FROM counted WHERE what = 'recorded')
"""
