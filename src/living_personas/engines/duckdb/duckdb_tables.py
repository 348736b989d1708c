"""Tables in a DuckDB file that somebody else fills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from living_personas.domain.source_table import SourceTable
from living_personas.engines.sql_table import SqlTable, unreachable
from living_personas.errors import IngestError

__all__ = ["open_duckdb_table"]

_BATCH = 100_000
_TABLES = """
SELECT table_schema, table_name FROM information_schema.tables
WHERE table_catalog = current_database() ORDER BY 1, 2
"""


@contextmanager
def open_duckdb_table(table: SourceTable, *, path: Path) -> Iterator[SqlTable]:
    """A table of a file, which is held for as long as it is read: nobody can write it meanwhile.

    Raises
    ------
    IngestError
        If there is no such file, it is no database, or somebody is writing it.
    """
    if not path.is_file():
        raise IngestError(
            f"There is no file {str(path)!r}.",
            hint="`database` is a path from the folder of the workspace, an address, or a variable that holds one.",
            where=table.where.get("database"),
        )
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        hint = "it must be a DuckDB file that nobody is writing at this moment; the next `personas run` reads it."
        raise unreachable(table, error, hint=hint) from error
    with closing(connection):
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        yield SqlTable(table, _File(connection), failed=(duckdb.Error,))


class _File:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def answer(self, statement: str) -> pa.Table:
        return self._connection.sql(statement).to_arrow_table()

    def stream(self, statement: str) -> Iterator[pa.RecordBatch]:
        with self._connection.cursor() as cursor:
            cursor.execute("SET TimeZone = 'UTC'")
            yield from cursor.sql(statement).to_arrow_reader(_BATCH)

    def tables(self) -> Sequence[tuple[str, str]]:
        return [(str(schema), str(name)) for schema, name in self._connection.execute(_TABLES).fetchall()]
