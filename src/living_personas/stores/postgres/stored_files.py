"""The files of the days, kept in the database in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from living_personas.errors import Location, StoreError
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.object_storage import PIECE

__all__ = ["StoredFiles"]


class StoredFiles:
    """Files by the number of their part, whole or not at all: they belong to the transaction that is open."""

    def __init__(self, connection: Database) -> None:
        self._connection = connection

    def keep(self, part: int, path: Path) -> None:
        """Keep what a file holds, so that others can have it."""
        with path.open("rb") as file:
            pieces = iter(lambda: file.read(PIECE), b"")
            self._connection.insert(
                "part_piece", ("part", "piece", "body"), ((part, number, body) for number, body in enumerate(pieces))
            )

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
        with self._connection.moment():
            for number in count():
                row = self._connection.row("SELECT body FROM part_piece WHERE part = ? AND piece = ?", (part, number))
                if row is None:
                    break
                yield row[0]
            if not number:
                raise StoreError(
                    f"The database holds no file of part {part}.",
                    hint="read again: it may have been replaced; if it stays, ask `personas doctor`.",
                    where=Location(file=self._connection.place),
                )
