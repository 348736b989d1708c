"""The files of the days, kept in the database; beside each process lies a copy of those that it has read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from living_personas.errors import Location, StoreError
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.parquet_files import make_folder

__all__ = ["StoredFiles"]

PIECE = 4 << 20
"""Bytes of a row: so much of a file is in memory at once."""


class StoredFiles:
    """Files by the number of their part, whole or not at all: they belong to the transaction that is open."""

    def __init__(self, connection: Database, folder: Path) -> None:
        self._connection = connection
        self._folder = folder

    def keep(self, part: int, path: Path) -> None:
        """Keep what a file holds, so that others can have it."""
        with path.open("rb") as file:
            pieces = iter(lambda: file.read(PIECE), b"")
            self._connection.insert(
                "part_piece", ("part", "piece", "body"), ((part, number, body) for number, body in enumerate(pieces))
            )

    def fetch(self, part: int, path: Path) -> None:
        """Write the file anew from the database.

        Raises
        ------
        StoreError
            If the database holds none, or it cannot be written.
        """
        make_folder(path.parent)
        descriptor, name = tempfile.mkstemp(prefix="fetch-", dir=self._folder)
        fetched = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file, self._connection.moment():
                for body in self.pieces(part):
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

    def size(self, part: int) -> int | None:
        """Bytes of the file, as far as its pieces are there one behind the other; None if there is none."""
        [(size, count, last)] = self._connection.rows(
            "SELECT sum(octet_length(body)), count(*), max(piece) FROM part_piece WHERE part = ?", (part,)
        )
        return int(size) if count and count == last + 1 else None

    def pieces(self, part: int) -> Iterator[bytes]:
        """What the file holds, some at a time.

        Raises
        ------
        StoreError
            If the database holds none.
        """
        for number in count():
            row = self._connection.row("SELECT body FROM part_piece WHERE part = ? AND piece = ?", (part, number))
            if row is not None:
                yield row[0]
            elif number:
                return
            else:
                raise StoreError(
                    f"The database holds no file of part {part}.",
                    hint="read again: it may have been replaced; if it stays, ask `personas doctor`.",
                    where=Location(file=self._connection.place),
                )
