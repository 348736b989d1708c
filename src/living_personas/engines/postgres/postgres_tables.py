"""Tables in PostgreSQL that somebody else fills."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import psycopg
import pyarrow as pa

from living_personas.domain.source_table import SourceTable
from living_personas.engines.sql_table import SqlTable, unreachable

__all__ = ["open_postgres_table"]

_BATCH = 20_000
_WHOLE = pa.decimal128(38)
_KINDS: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
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
"""Types that one of Arrow's holds; all others are read as text, objects and arrays as JSON."""
_TABLES = """
SELECT table_schema || '.' || table_name FROM information_schema.tables
WHERE table_schema NOT IN ('information_schema', 'pg_catalog') ORDER BY 1
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
        connection = psycopg.connect(address, connect_timeout=10, options="-c TimeZone=UTC")
    except psycopg.Error as error:
        raise unreachable(table, error) from error
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
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

    def tables(self) -> Sequence[str]:
        return [str(name) for (name,) in self._connection.execute(_TABLES).fetchall()]


def _schema(cursor: psycopg.Cursor[tuple[Any, ...]] | psycopg.ServerCursor[tuple[Any, ...]]) -> pa.Schema:
    return pa.schema([(column.name, _kind(column)) for column in cursor.description or ()])


def _kind(column: psycopg.Column) -> pa.DataType:
    """The type of a column; whole numbers of a ``numeric`` may be ids, of which a double would lose digits."""
    found = psycopg.postgres.types.get(column.type_code)
    if found is not None and found.name == "numeric" and column.scale == 0:
        return _WHOLE
    return _KINDS.get(found.name if found else "", pa.string())


def _batch(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [
        pa.array([_said(each, kind) for each in column], kind)
        for column, kind in zip(columns, schema.types, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _said(found: object, kind: pa.DataType) -> object:
    if found is None or kind != pa.string():
        return float(found) if kind == pa.float64() and found is not None else found  # type: ignore[arg-type]
    if isinstance(found, list | dict):
        return json.dumps(found, default=str)
    return found.isoformat() if isinstance(found, date | datetime) else str(found)
