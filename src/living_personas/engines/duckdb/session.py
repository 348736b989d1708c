"""One conversation with DuckDB: relations in, answers out, foreign errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb
import pyarrow as pa

from living_personas.engine_port import Ref, Rows
from living_personas.errors import EngineError

__all__ = ["MEMORY", "Session", "in_memory", "session"]

MEMORY = "PERSONAS_ENGINE_MEMORY"
"""The variable that says how much memory the engine may take before it writes to disk."""


def in_memory(*, threads: int | None, memory: str | None, spill: str | None) -> duckdb.DuckDBPyConnection:
    """A database that holds nothing; each of its cursors is a conversation of its own.

    Raises
    ------
    EngineError
        If ``memory`` is no amount of memory.
    """
    asked = {"threads": threads, "memory_limit": memory}
    settings = {name: setting for name, setting in asked.items() if setting is not None}
    try:
        database = duckdb.connect(
            config={
                "temp_directory": spill or "",
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "enable_external_file_cache": False,  # partitions are replaced under the same name
                # Joins are written in the right order: reordered, a fold of 10 million rows took 2 to 5 times longer.
                "disabled_optimizers": "join_order",
                **settings,
            }
        )
    except duckdb.Error as error:
        raise EngineError(
            f"DuckDB cannot be opened with {memory!r} of memory: {str(error).partition(chr(10))[0]}",
            hint=f"write it like 2GB or 50%, in {MEMORY}.",
        ) from error
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    return database


@contextmanager
def session(database: duckdb.DuckDBPyConnection, **days: date) -> Iterator[Session]:
    """A conversation in which SQL knows ``days`` as variables."""
    try:
        with database.cursor() as cursor:
            cursor.execute("SET enable_progress_bar = false")
            talk = Session(cursor)
            talk.tell(**days)
            yield talk
    except duckdb.OutOfMemoryException as error:
        raise EngineError(
            "There is more to compute than fits into memory.",
            hint=f"give it more by {MEMORY}, such as 4GB; or room on the disk, in a folder that it may write to.",
        ) from error
    except duckdb.Error as error:
        raise EngineError(
            f"DuckDB could not compute: {str(error).partition(chr(10))[0]}",
            hint="check that the files are whole, and that tables have the columns which the engine is given.",
        ) from error


class Session:
    """One cursor, the relations it knows by name, and its answers."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._kept = 0

    def tell(self, **days: date) -> None:
        """Let SQL know days as variables."""
        if days:
            variables = (f"SET VARIABLE {name} = DATE '{day.isoformat()}'" for name, day in days.items())
            self._cursor.execute("; ".join(variables))

    def know(self, name: str, rows: Rows, schema: pa.Schema | None = None, *, by_name: bool = False) -> None:
        """Let SQL know a relation by name; no paths are no rows of ``schema``.

        With ``by_name`` its files may have other columns: what a row lacks is NULL.
        """
        if isinstance(rows, pa.Table):
            self._cursor.register(name, rows)
        elif isinstance(rows, Ref):
            self._cursor.table(rows.name).create_view(name)
        elif rows:
            # A folder such as day=2026-01-01 must not become a column, and a bracket in a path is no pattern.
            files = [_literal_path(path) for path in rows]
            self._cursor.read_parquet(files, hive_partitioning=False, union_by_name=by_name).create_view(name)
        else:
            self._cursor.register(name, (schema or pa.schema([])).empty_table())

    def answer(self, statement: str) -> pa.Table:
        """The rows of a statement."""
        # Not ``execute``, which parses and binds once instead of twice: its rows lose their order on the way to Arrow.
        return self._cursor.sql(statement).to_arrow_table()

    def keep(self, statement: str) -> Ref:
        """The rows of a statement as a table that stays until the conversation ends."""
        name = f"kept_{self._kept}"
        self._kept += 1
        self._cursor.execute(f"CREATE TEMP TABLE {name} AS {statement}")
        return Ref(name=name)


def _literal_path(path: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)
