"""Tables in PostgreSQL that somebody else fills."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar

import numpy as np
import psycopg
import pyarrow as pa
from psycopg.abc import Buffer
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from psycopg.types.string import TextLoader

from living_personas.domain.source_table import SourceTable
from living_personas.engines.sql_table import SqlTable, unreachable

__all__ = ["open_postgres_table"]

T = TypeVar("T")

_BATCH = 20_000
_OPTIONS = "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c bytea_output=hex"
_WHOLE = pa.decimal128(38)
_KINDS: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "bytea": pa.binary(),
    "int2": pa.int64(),
    "int4": pa.int64(),
    "int8": pa.int64(),
    "float4": pa.float64(),
    "float8": pa.float64(),
    "numeric": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}
"""Types that one of Arrow's holds; all others are read as their text in PostgreSQL, objects and arrays as JSON."""
_OBJECTS = {"json", "jsonb"}
_TABLES = """
SELECT table_schema, table_name FROM information_schema.tables
WHERE table_schema NOT IN ('information_schema', 'pg_catalog') ORDER BY 1, 2
"""


@contextmanager
def open_postgres_table(table: SourceTable, *, address: str) -> Iterator[SqlTable]:
    """A table as of the moment at which it is first asked: what is loaded meanwhile is not seen.

    Raises
    ------
    IngestError
        If the database cannot be reached.
    """
    try:
        connection = psycopg.connect(address, connect_timeout=10, options=_OPTIONS, client_encoding="UTF8")
    except psycopg.Error as error:
        raise unreachable(table, error) from error
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        _read_as_text(connection)
        connection.execute("SELECT 1")  # the transaction begins: all that is asked is of this moment
        yield SqlTable(table, _Server(connection), failed=(psycopg.Error,))


class _Server:
    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def answer(self, statement: str) -> pa.Table:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(statement.encode())
            schema = _schema(cursor)
            return pa.Table.from_batches([_batch(cursor.fetchall(), schema)], schema=schema)

    def stream(self, statement: str) -> Iterator[pa.RecordBatch]:
        """By a cursor of the server, so that it sends no more than is asked for."""
        with self._connection.cursor(name="rows") as cursor:
            cursor.execute(statement.encode())
            while found := cursor.fetchmany(_BATCH):
                yield _batch(found, _schema(cursor))

    def tables(self) -> Sequence[tuple[str, str]]:
        return [(str(schema), str(name)) for schema, name in self._connection.execute(_TABLES).fetchall()]


def _schema(cursor: psycopg.Cursor[tuple[Any, ...]] | psycopg.ServerCursor[tuple[Any, ...]]) -> pa.Schema:
    return pa.schema([(column.name, _kind(column)) for column in cursor.description or ()])


def _kind(column: psycopg.Column) -> pa.DataType:
    """The type of a column; whole numbers of a ``numeric`` may be ids, of which a double would lose digits."""
    found = psycopg.postgres.types.get(column.type_code)
    if found is None or found.oid != column.type_code:  # an array is found by its own number, too
        return pa.string()
    return _WHOLE if found.name == "numeric" and column.scale == 0 else _KINDS.get(found.name, pa.string())


def _batch(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [
        pa.array([_said(each, kind) for each in column], kind)
        for column, kind in zip(columns, schema.types, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _said(found: object, kind: pa.DataType) -> object:
    if isinstance(found, _FarTime) and kind != pa.string():
        return found.counted(kind)
    if found is None or kind != pa.string():
        return float(found) if kind == pa.float64() and found is not None else found  # type: ignore[arg-type]
    return json.dumps(found, default=str) if isinstance(found, list | dict) else str(found)


def _read_as_text(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """What Arrow has no type for comes as PostgreSQL writes it: a month is not 30 days; infinity is no error."""
    for kind in psycopg.postgres.types:
        if kind.name not in _KINDS and kind.name not in _OBJECTS:
            connection.adapters.register_loader(kind.oid, TextLoader)
    for name, loader in (("date", _Dates), ("timestamp", _Times), ("timestamptz", _ZonedTimes)):
        connection.adapters.register_loader(name, loader)


class _FarTime:
    """A time that Python's calendar has not, as PostgreSQL writes it: infinity, the year 30000, 44 BC."""

    def __init__(self, data: Buffer) -> None:
        self._text = bytes(data).decode()

    def __str__(self) -> str:
        return self._text

    def counted(self, kind: pa.DataType) -> int:
        """As Arrow counts it, in days or microseconds; infinity is the most that there is, as it is in DuckDB."""
        if self._text.endswith("infinity"):
            most = (1 << (int(kind.bit_width) - 1)) - 1
            return -most if self._text.startswith("-") else most
        year, _, rest = self._text.removesuffix(" BC").removesuffix("+00").partition("-")
        said = f"{1 - int(year):05}" if self._text.endswith(" BC") else year
        (counted,) = np.array([f"{said}-{rest}"], "M8[D]" if pa.types.is_date(kind) else "M8[us]").astype(np.int64)
        return int(counted)


class _Dates(DateLoader):
    def load(self, data: Buffer) -> date:
        return _near_or_far(super().load, data)


class _Times(TimestampLoader):
    def load(self, data: Buffer) -> datetime:
        return _near_or_far(super().load, data)


class _ZonedTimes(TimestamptzLoader):
    def load(self, data: Buffer) -> datetime:
        return _near_or_far(super().load, data)


def _near_or_far(load: Callable[[Buffer], T], data: Buffer) -> T:
    try:
        return load(data)
    except psycopg.DataError:
        return _FarTime(data)  # type: ignore[return-value]  # `_said` is the only reader
