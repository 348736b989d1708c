"""The store of a workspace in a schema of a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes

from living_personas.domain.files_address import FilesAddress
from living_personas.domain.store_address import Address
from living_personas.stores.postgres.pooled import BUSY_SECONDS, PooledConnection
from living_personas.stores.postgres.server_keys import ServerKeys
from living_personas.stores.postgres.stored_files import StoredFiles
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

__all__ = ["PostgresStore", "copies_of"]


class PostgresStore(SqlStore):
    """One workspace's memory in one schema: any number of processes, on any number of machines, may share it.

    Everything is in the database, the files of the days too, unless these are put into object storage. Below
    ``folder`` lie copies of the files that this machine has read, and where the chains ended when it looked last;
    without them nothing is lost.

    Parameters
    ----------
    address
        Where the database is, and the schema; it is made if it is not there.
    folder
        The folder ``.living`` of the workspace on this machine.
    clock
        What time it is, only to know when a replaced file is old enough to be removed.
    busy_seconds
        How long to wait for other writers before giving up.
    chunk
        How many events are sealed in one transaction.
    is_gone
        Whether the owner of a lease has certainly ended, so that its lease may be taken over at once.
    files
        Where new files of the days are put, if not into the database.
    most_copied
        How many bytes of copies of files may lie in the folder, apart from those that are in use.
    """

    def __init__(
        self,
        address: Address,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        busy_seconds: float = BUSY_SECONDS,
        chunk: int = CHUNK,
        is_gone: Callable[[str], bool] = lambda _owner: False,
        files: FilesAddress | None = None,
        most_copied: int = COPIED_BYTES,
    ) -> None:
        own_folder(folder)
        copies = copies_of(address, folder)
        own_folder(copies)
        connection = PooledConnection(address, busy_seconds=busy_seconds)
        try:
            upgrade(connection)
            connection.add_own()
            heads = ChainHeads(connection, copies, fresh=token_bytes)
            heads.check()
            heads.keep()
            storage = ObjectStorage()
            own = ObjectFolder(connection, storage, files=files, fresh=token_bytes)
            kept = KeptFiles(storage, own, pieces=StoredFiles(connection))
            parts = PartitionFiles(connection, copies / "days", clock=clock, kept=kept, most_copied=most_copied)
            parts.sweep()
        except BaseException:
            connection.close()
            raise
        super().__init__(connection, parts, heads, keys=ServerKeys(connection), chunk=chunk, is_gone=is_gone)


def copies_of(address: Address, folder: Path) -> Path:
    """Where copies of a store's files lie on this machine, below the folder ``.living``."""
    return folder / f"copies-{blake2b(address.shown.encode(), digest_size=6).hexdigest()}"
