"""Where the file of a part is kept for good: in object storage, in the database, or in the folder alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from living_personas.errors import Location, StoreError
from living_personas.stores.sql.object_folder import ObjectFolder
from living_personas.stores.sql.object_storage import ObjectStorage, pour
from living_personas.stores.sql.parquet_files import make_folder, readable_rows, write_durably
from living_personas.stores.sql.part import Part
from living_personas.stores.sql.sums import sum_of

__all__ = ["FETCHED", "KeptFiles", "Pieces"]

FETCHED = "fetch-"
"""How the name of a file begins that is being fetched."""


class Pieces(Protocol):
    """Files that a database keeps, by the number of their part; they belong to the transaction that is open."""

    def keep(self, part: int, path: Path) -> None:
        """Keep what a file holds, so that others can have it."""
        ...

    def size(self, part: int) -> int | None:
        """Bytes of the file; None if there is none."""
        ...

    def pieces(self, part: int) -> Iterator[bytes]:
        """What the file holds, some at a time."""
        ...


class KeptFiles:
    """Files by their part. A part that names an object is kept there, whatever the settings say now.

    Parameters
    ----------
    storage, own
        How objects are reached, and the folder that new ones are put into.
    pieces
        Keeps all others; without it they lie in the folder alone, where copies of the rest lie, too.
    """

    def __init__(self, storage: ObjectStorage, own: ObjectFolder, *, pieces: Pieces | None = None) -> None:
        self._storage = storage
        self._pieces = pieces
        self.own = own

    def placed(self, part: Part) -> Part:
        """A part that was summed, with the address at which it is to be put."""
        return replace(part, object=self.own.address_of(part))

    def is_copied(self, part: Part) -> bool:
        """Whether what lies in the folder is a copy of it."""
        return bool(part.object) or self._pieces is not None

    def enter(self, part: Part, path: Path) -> None:
        """Keep what belongs into the transaction that is open."""
        if not part.object and self._pieces is not None:
            self._pieces.keep(part.id, path)

    def upload(self, part: Part, path: Path) -> None:
        """Keep what belongs into object storage.

        Raises
        ------
        StoreError
            If it cannot be reached, or refuses.
        """
        if part.object:
            self._storage.put(part.object, path)

    def fetch(self, part: Part, path: Path) -> None:
        """Write the file of a part anew, whole or not at all.

        Raises
        ------
        StoreError
            If it is kept nowhere, cannot be reached, or cannot be written.
        """
        make_folder(path.parent)
        descriptor, name = tempfile.mkstemp(prefix=FETCHED, dir=path.parent)
        fetched = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file, closing(self.pieces(part)) as pieces:
                for body in pieces:
                    file.write(body)
            fetched.replace(path)
        except OSError as error:
            raise StoreError(
                f"Cannot write {path.name!r}: {error.strerror or error}.",
                hint="free some disk space, or check that this user may write to the folder.",
                where=Location(file=str(path)),
            ) from error
        finally:
            fetched.unlink(missing_ok=True)

    def pieces(self, part: Part) -> Generator[bytes]:
        """What the file of a part holds where it is kept, some at a time.

        Raises
        ------
        StoreError
            If it is not there, or cannot be reached.
        """
        if not part.object:
            if self._pieces is not None:
                yield from self._pieces.pieces(part.id)
            return
        try:
            yield from self._storage.pieces(part.object)
        except FileNotFoundError as error:
            raise StoreError(
                f"The object of part {part.id} is missing.",
                hint="read again: it may have been replaced; if it stays, ask `personas doctor`.",
                where=Location(file=part.object),
            ) from error

    def withdraw(self, part: Part) -> None:
        """Remove an object that was uploaded a moment ago, and that nobody was told of.

        Raises
        ------
        StoreError
            If it cannot be reached, or refuses.
        """
        if part.object:
            self._storage.remove(part.object)

    def remove(self, part: Part) -> bool:
        """Remove the object of a part, if it has one; False if it belongs to another database, and stays.

        Raises
        ------
        StoreError
            If it cannot be reached, or refuses.
        """
        if part.object and not self.own.owns(part.object):
            return False
        if part.object:
            self._storage.remove(part.object)
        return True

    def mend(self, part: Part, path: Path, source: Path) -> None:
        """Put a file that is what the part was into the place of one that is not."""
        if part.object:
            self._storage.put(part.object, source)
        else:
            write_durably(path, partial(pour, source))

    def look(self, part: Part, path: Path, *, deep: bool) -> tuple[int, str]:
        """Bytes of the file of a part where it is kept, and what is wrong with it, ``deep`` in all of it.

        Nothing is wrong if that is empty.

        Raises
        ------
        StoreError
            If it cannot be looked at.
        """
        size = self._size(part, path)
        if size is None:
            return 0, "is missing"
        if part.sum is None:
            unread = deep and not self.is_copied(part) and readable_rows(path) != part.rows
            return size, _OTHER if unread else ""
        if size != part.sum.size:
            return size, f"has {size:,} bytes, and {part.sum.size:,} were written"
        return size, _OTHER if deep and self._digest(part, path) != part.sum.sha256 else ""

    def _size(self, part: Part, path: Path) -> int | None:
        if part.object:
            return self._storage.size(part.object)
        if self._pieces is not None:
            return self._pieces.size(part.id)
        return path.stat().st_size if path.exists() else None

    def _digest(self, part: Part, path: Path) -> bytes:
        if not self.is_copied(part):
            return sum_of(path).sha256
        digest = sha256()
        with closing(self.pieces(part)) as pieces:
            for body in pieces:
                digest.update(body)
        return digest.digest()


_OTHER = "It is not what was written into it."
