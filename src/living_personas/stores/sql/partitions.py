"""Tables cut by day, in Parquet files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from living_personas.ports import Relation
from living_personas.stores.refusals import check_kind
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.parquet_files import pieces
from living_personas.stores.sql.partition_files import PartitionFiles

__all__ = ["SqlPartitions"]


class SqlPartitions:
    """Partitions by kind and day."""

    def __init__(self, connection: Database, parts: PartitionFiles) -> None:
        self._connection = connection
        self._parts = parts

    def replace(self, kind: str, tables: Mapping[date, Relation]) -> None:
        """Put these days in the place of what they held: files first, then one transaction."""
        check_kind(kind)
        written = self._parts.write(kind, [(day, piece) for day, rows in tables.items() for piece in pieces(rows)])
        with self._connection.transaction():
            held = [part for day in tables for part in self._parts.live(kind, day, day)]
            self._parts.publish(written, instead_of=held)
        self._parts.sweep()

    def read(self, kind: str, first: date, last: date) -> Relation:
        """The absolute paths of the files that hold the days, each of which is whole."""
        paths = tuple(str(self._parts.whole(part)) for part in self._parts.live(kind, first, last))
        self._parts.clear_copies()
        return paths

    def days(self, kind: str) -> tuple[date, ...]:
        """The days that hold rows of this kind, in order."""
        return self._parts.days(kind)

    def etags(self, kind: str) -> Mapping[date, str]:
        """The numbers of the files that hold each day: a file is never rewritten."""
        return self._parts.etags(kind)
