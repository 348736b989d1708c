"""The store of a workspace folder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from secrets import token_bytes

from living_personas.domain.files_address import FilesAddress
from living_personas.errors import Location, StoreError
from living_personas.stores.sql.chain_heads import ChainHeads
from living_personas.stores.sql.file_cache import COPIED_BYTES
from living_personas.stores.sql.kept_files import KeptFiles
from living_personas.stores.sql.migrations import upgrade
from living_personas.stores.sql.object_folder import ObjectFolder
from living_personas.stores.sql.object_storage import ObjectStorage
from living_personas.stores.sql.parquet_files import own_folder
from living_personas.stores.sql.partition_files import PartitionFiles
from living_personas.stores.sql.sealing import CHUNK
from living_personas.stores.sql.sql_store import SqlStore
from living_personas.stores.sqlite.connection import BUSY_SECONDS, Connection
from living_personas.stores.sqlite.file_identity import first_identity
from living_personas.stores.sqlite.message_keys import MessageKeys

__all__ = ["SqliteStore", "accept"]


class SqliteStore(SqlStore):
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
    files
        Where new files of the days are put, if not into the folder.
    most_copied
        How many bytes of copies of such files may lie in the folder, apart from those that are in use.
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
        files: FilesAddress | None = None,
        most_copied: int = COPIED_BYTES,
    ) -> None:
        folder = _made_in(root.resolve())
        connection = Connection(folder / "state.db", busy_seconds=busy_seconds)
        try:
            upgrade(connection)
            heads = ChainHeads(connection, folder, fresh=fresh)
            heads.check()
            heads.keep()
            _name_owner_anew(connection)
            storage = ObjectStorage()
            kept = KeptFiles(storage, ObjectFolder(connection, storage, files=files, fresh=fresh))
            parts = PartitionFiles(connection, folder / "days", clock=clock, kept=kept, most_copied=most_copied)
            parts.sweep()
        except BaseException:
            connection.close()
            raise
        super().__init__(connection, parts, heads, keys=MessageKeys(connection), chunk=chunk, is_gone=is_gone)


def _name_owner_anew(connection: Connection) -> None:
    """Keep the folder of objects that was claimed when the number of the file alone told whose it is."""
    known_as = first_identity(connection.path)
    if connection.row("SELECT 1 FROM object_folder WHERE owner = ?", (known_as,)):
        with connection.transaction():
            connection.run("UPDATE object_folder SET owner = ? WHERE owner = ?", (connection.identity(), known_as))


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
