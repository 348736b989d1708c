"""Tables that somebody else fills, in any database that speaks SQL: the questions are the same for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.source_table import SourceTable, table_name
from living_personas.engines.sql.sql_text import identifier, select_sql
from living_personas.errors import IngestError, did_you_mean
from living_personas.table_port import CALENDAR, LoadingDay

__all__ = ["SqlTable", "TableConnection", "unreachable"]

_DAY = timedelta(days=1)
_SEES_NOTHING = "it sees no table at all: GRANT it USAGE of the schema and SELECT, or name another database."


class TableConnection(Protocol):
    """A connection that reads."""

    def answer(self, statement: str) -> pa.Table:
        """The rows of a statement in DuckDB's words, all at once."""
        ...

    def stream(self, statement: str) -> Iterator[pa.RecordBatch]:
        """The rows of a statement in DuckDB's words, batch by batch: no more than one is in memory."""
        ...

    def tables(self) -> Sequence[tuple[str, str]]:
        """Its tables and views: the schema and name of each."""
        ...


class SqlTable:
    """A table of a database; ``failed`` are the errors of the database's own client.

    Raises
    ------
    IngestError
        If it is not there, or a column of it cannot be what it is said to be.
    """

    def __init__(self, table: SourceTable, database: TableConnection, *, failed: tuple[type[Exception], ...]) -> None:
        self._table = table
        self._database = database
        self._failed = failed
        self._name = ".".join(map(identifier, table.parts))

    @cached_property
    def schema(self) -> pa.Schema:
        """Its columns, in Arrow's types."""
        try:
            return self._database.answer(select_sql(["*"], source=self._name, ending="LIMIT 0")).schema
        except self._failed as error:
            known = [table_name(parts) for parts in self._database.tables()]
            said = {table_name((*schema, *self._table.parts)).lower() for schema in ((), ("main",), ("public",))}
            if said & {name.lower() for name in known}:
                raise unreachable(self._table, error) from error
            raise IngestError(
                f"There is no table {self._table.name!r} that this account may read.",
                hint=did_you_mean(self._table.name, known, kind="table") if known else _SEES_NOTHING,
                where=self._table.where.get("table"),
            ) from error

    def newest(self, column: str) -> datetime | None:
        """The latest time in a column."""
        found = self._value(f"MAX({self._moment(column)})", alias="newest")
        return None if found is None else _utc(found)

    def without(self, column: str) -> int:
        """How many rows hold no time of the calendar in a column."""
        moment = self._moment(column)
        kind = self._kind(column)
        if pa.types.is_timestamp(kind) and kind.unit == "ns":
            moment = f"CAST({moment} AS TIMESTAMP)"  # whose years do not reach as far as those it is compared with
        first, last = (self._literal(column, end) for end in CALENDAR)
        ending = f"WHERE {moment} IS NULL OR {moment} < {first} OR {moment} > {last}"
        return int(self._value("COUNT(*)", alias="n", ending=ending))

    def loading_days(
        self, column: str, *, since: date | None, before: datetime | None, through: datetime
    ) -> tuple[LoadingDay, ...]:
        """The days that have rows until ``through``."""
        moment = self._moment(column)
        until = [f"{moment} <= {self._literal(column, through)}"]
        if since is not None:
            until.append(f"{moment} >= {self._literal(column, _midnight(since))}")
        known = "0" if before is None else f"COUNT(CASE WHEN {moment} <= {self._literal(column, before)} THEN 1 END)"
        columns = [f"CAST({moment} AS DATE) AS day", "COUNT(*) AS n", f"{known} AS known", f"MAX({moment}) AS newest"]
        statement = select_sql(
            columns, source=self._name, ending=f"WHERE {' AND '.join(until)} GROUP BY CAST({moment} AS DATE)"
        )
        rows = self._answer(select_sql(["*"], source=f"({statement}) AS days", ending="ORDER BY day")).to_pylist()
        return tuple(
            LoadingDay(day=row["day"], rows=row["n"], before=row["known"], newest=_utc(row["newest"])) for row in rows
        )

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
        """The rows of a day, later than ``after`` and until ``through``, or a part of them."""
        asked = self._span(by, day, after, through)
        asked += [] if part is None else [f"{_part(part[0])} = '{part[1]}'"]
        ending = f"WHERE {' AND '.join(asked)}" if asked else ""
        try:
            yield from self._database.stream(select_sql(map(identifier, columns), source=self._name, ending=ending))
        except self._failed as error:
            raise unreachable(self._table, error) from error

    def parts(self, column: str, *, by: str, day: date, after: datetime | None, through: datetime) -> Mapping[str, int]:
        """The parts of the rows of a day, and how many rows each has."""
        ending = f"WHERE {' AND '.join(self._span(by, day, after, through))} GROUP BY {_part(column)}"
        counted = select_sql([f"{_part(column)} AS part", "COUNT(*) AS n"], source=self._name, ending=ending)
        rows = self._answer(select_sql(["*"], source=f"({counted}) AS parts", ending="ORDER BY part")).to_pylist()
        return {row["part"]: row["n"] for row in rows}

    def _span(self, by: str, day: date | None, after: datetime | None, through: datetime | None) -> list[str]:
        """What is true of the rows of a day, later than ``after`` and until ``through``."""
        moment = self._moment(by)
        asked = [] if after is None else [f"{moment} > {self._literal(by, after)}"]
        asked += [] if through is None else [f"{moment} <= {self._literal(by, through)}"]
        if day is not None:
            asked.append(f"{moment} >= {self._literal(by, _midnight(day))}")
            asked.append(f"{moment} < {self._literal(by, _midnight(day + _DAY))}")
        return asked

    def _moment(self, column: str) -> str:
        self._kind(column)
        return identifier(column)

    def _kind(self, column: str) -> pa.DataType:
        if column not in self.schema.names:
            raise IngestError(
                f"The table {self._table.name!r} has no column {column!r}, by which new rows would be known.",
                hint=did_you_mean(column, self.schema.names, kind="column"),
                where=self._table.where.get("updated_at"),
            )
        kind = self.schema.field(column).type
        if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
            raise IngestError(
                f"The column {column!r} of {self._table.name!r} is of type {kind}, which is no time.",
                hint="name a column of timestamps or dates, or a view of the table that casts it to one.",
                where=self._table.where.get("updated_at"),
            )
        return kind

    def _literal(self, column: str, moment: datetime) -> str:
        """A moment, as it is compared with a column: by whole microseconds, or days."""
        kind = self._kind(column)
        if pa.types.is_date(kind):
            return f"DATE '{moment.date().isoformat()}'"
        said = moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        return f"TIMESTAMPTZ '{said}+00:00'" if kind.tz else f"TIMESTAMP '{said}'"

    def _value(self, expression: str, *, alias: str, ending: str = "") -> Any:
        return self._answer(select_sql([f"{expression} AS {alias}"], source=self._name, ending=ending))[alias][
            0
        ].as_py()

    def _answer(self, statement: str) -> pa.Table:
        try:
            return _in_microseconds(self._database.answer(statement))
        except self._failed as error:
            raise unreachable(self._table, error) from error


def _part(column: str) -> str:
    """The first of the 16 digits of a hash that every database has; nothing has the first digit of all."""
    return f"COALESCE(LEFT(MD5(CAST({identifier(column)} AS VARCHAR)), 1), '0')"


def unreachable(table: SourceTable, error: Exception, *, hint: str = "") -> IngestError:
    """What is said where a database does not answer, in the words of its client."""
    said = str(error).strip().partition("\n")[0]
    return IngestError(
        f"The table {table.name!r} cannot be read: {said}",
        hint=hint or "check that the database runs and that this account may read it; what was read stays read.",
        where=table.where.get("database") or table.where.get("table"),
    )


def _in_microseconds(found: pa.Table) -> pa.Table:
    """Finer times are rounded up, so that nothing lies behind the newest."""
    for place, each in enumerate(found.schema):
        if pa.types.is_timestamp(each.type) and each.type.unit == "ns":
            up = pc.ceil_temporal(found.column(place), unit="microsecond").cast(pa.timestamp("us", each.type.tz))
            found = found.set_column(place, each.name, up)
    return found


def _utc(found: datetime | date) -> datetime:
    if not isinstance(found, datetime):
        return _midnight(found)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
