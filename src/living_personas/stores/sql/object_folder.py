"""The folder of a store in object storage: nobody else's, so that what no part of the store names may be removed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from living_personas.domain.files_address import FilesAddress
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.object_storage import ObjectStorage
from living_personas.stores.sql.part import Part

__all__ = ["ObjectFolder"]

_SAFE_AGE = timedelta(days=1)
"""An object that no part names may be of a transaction that is still open; none is open for so long."""


class ObjectFolder:
    """Where objects of a store are named, and which of them are its own.

    A database that was copied by its own tools is another, and would remove what the first still needs. So each folder
    belongs to one database; a copy of it reads what is there, writes into its own, and removes nothing elsewhere.

    Parameters
    ----------
    files
        Where new files are put; None if not into object storage. What lies there is read and removed all the same.
    fresh
        So many bytes that nobody can foretell, for the name of a new folder.
    """

    def __init__(
        self,
        connection: Database,
        storage: ObjectStorage,
        *,
        files: FilesAddress | None = None,
        fresh: Callable[[int], bytes],
    ) -> None:
        self._connection = connection
        self._storage = storage
        self._folder = f"{files.uri}/{self._claimed(fresh)}" if files else ""

    def address_of(self, part: Part) -> str:
        """Where the object of a part that was summed is put: its name holds the checksum; empty if nowhere."""
        if not self._folder or part.sum is None:
            return ""
        return f"{self._folder}/{part.kind}-{part.day}-{part.id}-{part.sum.sha256.hex()}.parquet"

    def owns(self, address: str) -> bool:
        """Whether an object is in a folder of this database."""
        folder = address.split("/")[-2]
        owner = self._connection.identity()
        return self._connection.row(_OWNS, (folder, owner)) is not None

    def tidy(self, now: datetime) -> int:
        """Remove objects that no part names, and that are old enough; how many there were.

        Raises
        ------
        StoreError
            If the storage cannot be reached, or refuses.
        """
        if not self._folder:
            return 0
        unknown = self.unknown(now)
        for address in unknown:
            self._storage.remove(address)
        return len(unknown)

    def unknown(self, now: datetime) -> tuple[str, ...]:
        """The objects in the folder that no part names, though they are old enough."""
        if not self._folder:
            return ()
        old = [address for address, written in self._storage.listed(self._folder).items() if now - written > _SAFE_AGE]
        # Listed first, asked second: what is named in between was not unknown.
        known = {address for (address,) in self._connection.rows(_NAMED)} if old else set()
        return tuple(sorted(set(old) - known))

    def _claimed(self, fresh: Callable[[int], bytes]) -> str:
        """The name of the folder of this database; one that was given up is taken over."""
        owner = self._connection.identity()
        found = self._connection.row(_OWN, (owner,))
        if found is None:
            with self._connection.transaction():
                self._connection.run("UPDATE object_folder SET owner = ? WHERE owner = ''", (owner,))
                found = self._connection.row(_OWN, (owner,)) or (fresh(8).hex(),)
                self._connection.run(_CLAIM, (found[0], owner))
        return str(found[0])


_OWNS = "SELECT 1 FROM object_folder WHERE name = ? AND owner = ?"
_NAMED = "SELECT object FROM part WHERE object IS NOT NULL"
_OWN = "SELECT name FROM object_folder WHERE owner = ? ORDER BY name LIMIT 1"
_CLAIM = "INSERT INTO object_folder (name, owner) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
