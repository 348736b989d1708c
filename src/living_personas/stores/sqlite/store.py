"""The store of a workspace folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from datetime import datetime
from pathlib import Path
from secrets import token_bytes

from living_personas.errors import Location, StoreError
from living_personas.ports import Holding
from living_personas.stores.sqlite.chain_heads import ChainHeads
from living_personas.stores.sqlite.connection import BUSY_SECONDS, Connection
from living_personas.stores.sqlite.consents import SqliteConsents
from living_personas.stores.sqlite.facts import SqliteFacts
from living_personas.stores.sqlite.inbox import SqliteInbox
from living_personas.stores.sqlite.lease import hold_lease
from living_personas.stores.sqlite.migrations import upgrade
from living_personas.stores.sqlite.parquet_files import own_folder
from living_personas.stores.sqlite.partition_files import PartitionFiles
from living_personas.stores.sqlite.partitions import SqlitePartitions
from living_personas.stores.sqlite.quarantine import SqliteQuarantine
from living_personas.stores.sqlite.refinements import SqliteRefinements
from living_personas.stores.sqlite.rewriting import Rewriting
from living_personas.stores.sqlite.sealing import CHUNK, Sealing
from living_personas.stores.sqlite.snapshots import KIND, SqliteSnapshots
from living_personas.stores.sqlite.versions import SqliteVersions
from living_personas.stores.without import Named

__all__ = ["SqliteStore", "accept"]


class SqliteStore:
    """One workspace's memory in ``<root>/.living``: several processes and threads may share it.

    Parameters
    ----------
    root
        The workspace's folder; ``.living`` is made in it.
    clock
        What time it is, only to know when a replaced file is old enough to be removed.
    busy_seconds
        How long to wait for other writers before giving up.
    chunk
        How many events are sealed in one transaction.
    fresh
        So many bytes that nobody can foretell.
    is_gone
        Whether the owner of a lease has certainly ended, so that its lease may be taken over at once.
    """

    def __init__(
        self,
        root: Path,
        *,
        clock: Callable[[], datetime],
        busy_seconds: float = BUSY_SECONDS,
        chunk: int = CHUNK,
        fresh: Callable[[int], bytes] = token_bytes,
        is_gone: Callable[[str], bool] = lambda _owner: False,
    ) -> None:
        self._is_gone = is_gone
        folder = _made_in(root.resolve())
        self._connection = Connection(folder / "state.db", busy_seconds=busy_seconds)
        try:
            upgrade(self._connection)
            heads = ChainHeads(self._connection, folder, fresh=fresh)
            heads.check()
            heads.keep()
            parts = PartitionFiles(self._connection, folder / "days", clock=clock)
            parts.sweep()
        except BaseException:
            self._connection.close()
            raise
        self._parts = parts
        self.inbox = SqliteInbox(self._connection, Sealing(self._connection, parts, chunk=chunk))
        self.consents = SqliteConsents(self._connection)
        self.quarantine = SqliteQuarantine(self._connection)
        self.partitions = SqlitePartitions(self._connection, parts)
        self.versions = SqliteVersions(self._connection, moved=heads.keep)
        self.refinements = SqliteRefinements(self._connection)
        self.snapshots = SqliteSnapshots(self._connection, moved=heads.keep)
        self.facts = SqliteFacts(self._connection)

    def lease(self, owner: str, *, now: datetime, seconds: float) -> AbstractContextManager[None]:
        """Hold the one worker lease; one that ran out, or whose owner is gone, may be taken over."""
        return hold_lease(self._connection, owner, now=now, seconds=seconds, is_gone=self._is_gone)

    def commit(self) -> AbstractContextManager[None]:
        """All or nothing of what is written inside; other writers wait until it is done."""
        return self._connection.transaction()

    def forgetting(
        self, ids: Collection[str], *, holdings: Sequence[Holding]
    ) -> AbstractContextManager[Mapping[str, int]]:
        """Forget rows about these ids: files are written anew, one at a time, and what was replaced is removed."""
        return Rewriting(self._connection, self._parts, self.quarantine, Named(ids)).done(holdings)

    def changed(self) -> object:
        """What the database counts of the writes of others and of its own."""
        return self._connection.changed()

    def marks(self, kind: str) -> tuple[int, str, int]:
        """The newest snapshot, how many files of a kind and the newest, the last sequence number; in one statement."""
        [(snapshot, parts, recorded)] = self._connection.rows(_MARKS, (KIND, kind))
        return snapshot or 0, parts, recorded or 0

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()


def accept(folder: Path, *, say: Callable[[str], object]) -> None:
    """Go on with the chains as the database holds them: what was published after their ends is given up, and said.

    Raises
    ------
    StoreError
        If the database cannot be read.
    """
    with closing(Connection(folder / "state.db")) as connection:
        heads = ChainHeads(connection, folder, fresh=token_bytes)
        if lacks := heads.missing():
            say(f"given up: {lacks}")
        heads.keep()


def _made_in(root: Path) -> Path:
    if not root.is_dir():
        raise StoreError(
            f"There is no folder {str(root)!r}.", hint="check the path, or make a workspace with `personas init`."
        )
    folder = root / ".living"
    own_folder(folder)
    days = folder / "days"
    if not (folder / "state.db").is_file() and any(days.glob("*/*/part-*.parquet")):
        raise StoreError(
            "The database is missing, and the days that it knew of are there.",
            hint="bring it back from a backup (`personas restore`); a new one would know of none of the days.",
            where=Location(file=str(folder / "state.db")),
        )
    return folder


_MARKS = """
SELECT (SELECT number FROM head WHERE kind = ? AND name = ''),
    (SELECT count(*) || '.' || coalesce(max(id), 0) FROM part WHERE state = 'live' AND kind = ?),
    (SELECT seq FROM sqlite_sequence WHERE name = 'waiting')
"""
