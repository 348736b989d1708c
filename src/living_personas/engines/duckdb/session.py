"""One conversation with DuckDB: relations in, answers out, foreign errors in our words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.engine_port import Ref, Rows
from living_personas.engines.answer_folder import AnswerFolder
from living_personas.engines.sql.sql_text import literal, order_sql, select_sql
from living_personas.errors import EngineError
from living_personas.ports import Relation

__all__ = ["FEW", "MEMORY", "Session", "in_memory", "session"]

FEW = 100_000
"""Rows that are in memory at once where answers are written as files; so many alone need no file."""

_BATCH = 50_000
"""Rows that are in memory at once where answers are read batch by batch."""

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
def session(database: duckdb.DuckDBPyConnection, *, spill: str, **days: date) -> Iterator[Session]:
    """A conversation in which SQL knows ``days`` as variables; it writes answers beside the folder ``spill``."""
    try:
        with database.cursor() as cursor, closing(AnswerFolder(spill)) as files:
            cursor.execute("SET enable_progress_bar = false")
            talk = Session(cursor, files)
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

    def __init__(self, cursor: duckdb.DuckDBPyConnection, files: AnswerFolder) -> None:
        self._cursor = cursor
        self._files = files
        self._kept = 0
        self._views: set[str] = set()

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
            self._register(name, rows)
        elif isinstance(rows, Ref):
            self._view(name, rows.name)
        elif rows:
            # A folder such as day=2026-01-01 must not become a column, and a bracket in a path is no pattern.
            files = ", ".join(literal(_literal_path(path)) for path in rows)
            options = f"hive_partitioning = false, union_by_name = {str(by_name).lower()}"
            self._view(name, f"read_parquet([{files}], {options})")
        else:
            self._register(name, (schema or pa.schema([])).empty_table())

    def _register(self, name: str, table: pa.Table) -> None:
        if name in self._views:
            self._cursor.execute(f"DROP VIEW IF EXISTS temp.{name}")
            self._views.remove(name)
        self._cursor.register(name, table)

    def _view(self, name: str, source: str) -> None:
        """Name what this conversation alone knows; other views would be seen by all, and hidden by tables."""
        self._cursor.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {select_sql(['*'], source=source)}")
        self._views.add(name)

    def answer(self, statement: str) -> pa.Table:
        """The rows of a statement."""
        # Not ``execute``, which parses and binds once instead of twice: its rows lose their order on the way to Arrow.
        return self._cursor.sql(statement).to_arrow_table()

    def stream(self, statement: str) -> Iterator[pa.RecordBatch]:
        """The rows of a statement, batch by batch."""
        yield from self._cursor.sql(statement).to_arrow_reader(_BATCH)

    def take(self, pieces: Iterable[pa.Table]) -> Ref:
        """Rows that come in pieces as a table that stays until the conversation ends."""
        kept: Ref | None = None
        for piece in pieces:
            self._register("piece", piece)
            if kept is None:
                kept = self.keep(_PIECE)
            else:
                self._cursor.execute(f"INSERT INTO {kept.name} {_PIECE}")
        if kept is None:
            raise AssertionError  # there is one piece at least
        self._cursor.unregister("piece")
        return kept

    def keep(self, statement: str) -> Ref:
        """The rows of a statement as a table that stays until the conversation ends."""
        name = f"kept_{self._kept}"
        self._kept += 1
        self._cursor.execute(f"CREATE TEMP TABLE {name} AS {statement}")
        return Ref(name=name)

    def written(self, kept: Ref, schema: pa.Schema | None = None, *, by: Sequence[str] = ()) -> Relation:
        """The rows that were kept, in order of the columns ``by``: many in a file, some in memory at once."""
        ordered = self._cursor.sql(select_sql(["*"], source=kept.name, ending=order_sql(by)))
        many = self._cursor.table(kept.name).shape[0] > FEW
        folder = self._files.path if many else None
        if folder is None:
            found = ordered.to_arrow_table()
            return found if schema is None else found.cast(schema)
        path = folder / f"{kept.name}.parquet"
        batches = ordered.to_arrow_reader(FEW)
        with pq.ParquetWriter(path, schema or batches.schema, compression="zstd") as file:
            for batch in batches:
                file.write_batch(batch if schema is None else batch.cast(schema))
        return (str(path),)


_PIECE = select_sql(["*"], source="piece")


def _literal_path(path: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)
