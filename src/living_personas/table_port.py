"""What the loop needs of tables that somebody else fills: one short protocol; adapters fulfil it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Protocol, TypeAlias

import pyarrow as pa

from living_personas.domain.source_table import SourceTable
from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError

__all__ = ["CALENDAR", "LoadedTable", "LoadingDay", "OpenTable", "no_tables"]

CALENDAR = (datetime(1000, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
"""The times at which a row can have been loaded; infinity, which some databases know, is none of them."""


@value
class LoadingDay:
    """Of the rows that were loaded on a day, until a moment: how many there are, and when the ``newest`` was loaded.

    ``before`` of them were there until an earlier moment already.
    """

    day: date
    rows: int
    before: int
    newest: datetime


class LoadedTable(Protocol):
    """A table of one moment: what is loaded while it is open may be seen or not. Days are those of UTC."""

    @property
    def schema(self) -> pa.Schema:
        """Its columns, in Arrow's types."""
        ...

    def newest(self, column: str) -> datetime | None:
        """The latest time in a column of times or days, in UTC and whole microseconds; None if there is no row.

        Of a column whose every row holds a time of the calendar.
        """
        ...

    def without(self, column: str) -> int:
        """How many rows hold no time of the calendar in a column: nothing, infinity, or one outside ``CALENDAR``."""
        ...

    def loading_days(
        self, column: str, *, since: date | None, before: datetime | None, through: datetime
    ) -> tuple[LoadingDay, ...]:
        """The days from ``since`` on, in order, that have rows until ``through`` by a column of times or days."""
        ...

    def rows(
        self,
        columns: Sequence[str],
        *,
        by: str,
        day: date | None = None,
        after: datetime | None = None,
        through: datetime | None = None,
        part: tuple[str, str] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a ``day``, later than ``after`` and until ``through``, by a column of times or days.

        ``part`` is a column, and one of the ``parts`` into which its values divide the rows.
        """
        ...

    def parts(self, column: str, *, by: str, day: date, after: datetime | None, through: datetime) -> Mapping[str, int]:
        """The parts into which the values of a column divide such rows, at most 16, and how many rows each has.

        A part has the same name whenever, and by whatever database, it is asked for.
        """
        ...


OpenTable: TypeAlias = Callable[[SourceTable], AbstractContextManager[LoadedTable]]
"""Opens a table; what is wrong with it or its database is an ``IngestError`` that says where it is written."""


def no_tables(table: SourceTable) -> AbstractContextManager[LoadedTable]:
    """For a workspace without files: nothing says where its tables are.

    Raises
    ------
    InvalidSettingsError
        Always.
    """
    raise InvalidSettingsError(
        f"The table {table.name!r} cannot be opened: this workspace was made in memory.",
        hint="open the folder of a workspace, or give the rows as a frame.",
    )
