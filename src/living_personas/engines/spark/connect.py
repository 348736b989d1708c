"""Conversations with Spark Connect: relations in, answers out, foreign errors in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from functools import cached_property
from itertools import chain
from pathlib import Path
from socket import create_connection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.engine_port import Ref, Rows
from living_personas.engines.answer_folder import AnswerFolder
from living_personas.engines.dialect import Dialect, with_days
from living_personas.engines.spark.spark_sql import SPARK
from living_personas.engines.sql.sql_text import order_sql, select_sql
from living_personas.errors import EngineError
from living_personas.extras import extra_needed
from living_personas.ports import Relation

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.session import SparkSession

__all__ = ["SparkConnect"]


class SparkConnect:
    """A Spark Connect server; each conversation is a session of its own, so they may overlap and leave nothing behind.

    Parameters
    ----------
    address
        Where the server is, such as ``sc://spark.example.com:15002``. It must be able to read the files that it is
        told of by their paths.
    scratch
        The name of a folder beside which it may write answers as files, where the server sees it under the same path;
        asked for when it is first needed.
    """

    def __init__(self, address: str, *, scratch: Callable[[], str] | None = None) -> None:
        self._address = address
        self._scratch = scratch
        self._is_shared: bool | None = None

    @property
    def dialect(self) -> Dialect:
        """Spark's."""
        return SPARK

    @contextmanager
    def session(self, **days: date) -> Iterator[SparkConversation]:
        """A conversation whose statements know these days by name."""
        with _in_our_words(self._address), closing(AnswerFolder(self._beside)) as files:
            spark = _opened(self._address)
            talk = SparkConversation(spark, lambda: self._seen_by_both(spark, files))
            talk.tell(**days)
            try:
                with closing(talk):
                    yield talk
            finally:
                # Left open, it would be given back at the end of the process, and a server that is gone by then is
                # asked again for ten minutes.
                spark.stop()

    @cached_property
    def _beside(self) -> str:
        return self._scratch() if self._scratch else ""

    def _seen_by_both(self, spark: SparkSession, files: AnswerFolder) -> Path | None:
        """The folder, if what the server writes into it is read by this process: tried once."""
        folder = files.path
        if folder is None or self._is_shared is False:
            return None
        if self._is_shared is None:
            self._is_shared = _are_seen(spark, folder / "tried")
        return folder if self._is_shared else None


def _opened(address: str) -> SparkSession:
    with extra_needed("spark", what="The engine `spark` needs"):
        from pyspark.sql.connect.session import SparkSession  # noqa: PLC0415 - it comes with an extra
    _knock(address)
    spark = SparkSession.builder.remote(address).create()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.caseSensitive", "true")
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    return spark


def _are_seen(spark: SparkSession, folder: Path) -> bool:
    """Whether every row is here that many tasks of the server write into a folder."""
    from pyspark.errors import PySparkException  # noqa: PLC0415 - it comes with an extra

    try:
        spark.range(0, _TRIED, 1, _TRIED).write.parquet(str(folder))
        return sum(int(pq.read_metadata(file).num_rows) for file in folder.glob(_FILES)) == _TRIED
    except (PySparkException, OSError, pa.ArrowException):
        return False


_TRIED = 32
"""Rows that are written by as many tasks, to see whether all arrive."""
_FILES = "*.parquet"


class SparkConversation:
    """The relations that are known by name until the session ends.

    ``folder`` says where the server writes what is kept, for this process to read; None where it cannot.
    """

    def __init__(self, spark: SparkSession, folder: Callable[[], Path | None]) -> None:
        self._spark = spark
        self._folder = folder
        self._days: dict[str, date] = {}
        self._held: list[DataFrame] = []
        self._kept: dict[str, tuple[str, ...] | None] = {}

    def tell(self, **days: date) -> None:
        """Let statements know days by name."""
        self._days = {**self._days, **days}

    def know(self, name: str, rows: Rows, schema: pa.Schema | None = None, *, by_name: bool = False) -> None:
        """Let statements know a relation by name; no files are no rows of ``schema``.

        With ``by_name`` its files may have other columns: what a row lacks is NULL.
        """
        self._read(rows, schema, by_name=by_name).createOrReplaceTempView(name)

    def answer(self, statement: str) -> pa.Table:
        """The rows of a statement, in its order."""
        return self._spark.sql(with_days(statement, self._days)).toArrow()

    def stream(self, statement: str) -> Iterator[pa.RecordBatch]:
        """The rows of a statement as the server sends them, batch by batch; ``toArrow`` holds them all."""
        asked: Any = self._spark.sql(statement)
        plan = asked._plan.to_proto(self._spark.client)  # as `toLocalIterator` does, which makes a Python row of each
        for part in self._spark.client.to_table_as_iterator(plan, {}):
            if isinstance(part, pa.Table):
                yield from part.to_batches()

    def take(self, pieces: Iterable[pa.Table]) -> Ref:
        """Rows that come in pieces as a table that stays until the session ends: in a file, if both see it."""
        name, folder = self._new_name(), self._folder()
        if folder is None:
            table, self._kept[name] = self._read(pa.concat_tables(pieces), None, by_name=False), None
        else:
            path = str(folder / f"{name}.parquet")
            _write(pieces, path)
            table, self._kept[name] = self._spark.read.parquet(path), (path,)
        table.createOrReplaceTempView(name)
        return Ref(name=name)

    def keep(self, statement: str) -> Ref:
        """The rows of a statement as a table that stays until the conversation ends.

        It is computed once: into files that both see; where there are none, Spark computes it when it is first asked
        of, and again what a lost executor held, and Sail each time.
        """
        table = self._spark.sql(with_days(statement, self._days))
        name, folder = self._new_name(), self._folder()
        if folder is None:
            table = table.cache()
            self._held.append(table)
            self._kept[name] = None
        else:
            table, self._kept[name] = self._in_files(table, folder / name)
        table.createOrReplaceTempView(name)
        return Ref(name=name)

    def written(self, kept: Ref, schema: pa.Schema | None = None, *, by: Sequence[str] = ()) -> Relation:
        """The rows that were kept, as the files that the server wrote, in any order; else as a table, in order."""
        files = self._kept[kept.name]
        if files is None:
            found = self.answer(SPARK.spelled(select_sql(["*"], source=kept.name, ending=order_sql(by))))
            return found if schema is None else found.cast(schema)
        for file in files:
            _check_columns(file, schema)
        return files

    def close(self) -> None:
        """Let the server forget what was kept: its memory outlives the session."""
        for table in self._held:
            table.unpersist()

    def _new_name(self) -> str:
        return f"kept_{len(self._kept)}"

    def _in_files(self, table: DataFrame, folder: Path) -> tuple[DataFrame, tuple[str, ...]]:
        """A table as the server writes it into a folder, and its files; Sail makes none for no rows."""
        table.write.option("compression", "zstd").parquet(str(folder))
        files = tuple(str(file) for file in sorted(folder.glob(_FILES)))
        return (self._spark.read.parquet(*files) if files else self._spark.createDataFrame([], table.schema)), files

    def _read(self, rows: Rows, schema: pa.Schema | None, *, by_name: bool) -> DataFrame:
        if isinstance(rows, Ref):
            return self._spark.table(rows.name)
        if isinstance(rows, pa.Table):
            return self._spark.createDataFrame(rows) if rows.num_rows else self._nothing(rows.schema)
        if not rows:
            return self._nothing(schema or pa.schema([]))
        if any(set(path) & _PATTERN for path in rows):
            # Servers take a bracket for a pattern, and have no common way to say that it is none.
            tables = [pq.ParquetFile(path).read() for path in rows]
            whole = pa.concat_tables(tables, promote_options="default" if by_name else "none")
            return self._read(whole, schema, by_name=by_name)
        read = self._spark.read.option("mergeSchema", str(by_name).lower()).parquet(*rows)
        missing = [] if schema is None else [name for name in schema.names if name not in read.columns]
        if missing:
            raise EngineError(
                f"Spark finds no column {missing[0]!r} in {rows[0]!r} and the {len(rows) - 1} files beside it.",
                hint="check that the files are there and whole, and that the server sees them under these paths.",
            )
        # A folder such as day=2026-01-01 must not become a column.
        return read if schema is None else read.select(*schema.names)

    def _nothing(self, schema: pa.Schema) -> DataFrame:
        from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415 - it comes with an extra

        return self._spark.createDataFrame([], schema=from_arrow_schema(schema))


def _write(pieces: Iterable[pa.Table], path: str) -> None:
    rest = iter(pieces)
    first = next(rest)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as file:
        for piece in chain([first], rest):
            file.write_table(piece)


def _check_columns(file: str, schema: pa.Schema | None) -> None:
    """Refuse a file whose columns are others than those of a schema, whatever it says of missing values."""
    found = pq.read_schema(file)
    if schema is not None and (found.names, found.types) != (schema.names, schema.types):
        raise EngineError(
            f"Spark wrote the columns {found.names} as {[str(each) for each in found.types]}.",
            hint=f"the server must write them as {[str(each) for each in schema.types]}; say which version it is.",
        )


_PATTERN = frozenset("*?[]{}\\")


def _knock(address: str) -> None:
    """Refuse an address at which nobody listens at once; the client would try again for ten minutes."""
    parts = urlsplit(address)
    try:
        create_connection((parts.hostname or "", parts.port or _PORT), timeout=_PATIENCE).close()
    except OSError as error:
        raise EngineError(
            f"Nobody listens at {address!r}: {error}.",
            hint="start the Spark Connect server, or correct `engine: {spark: ...}` in workspace.yaml.",
        ) from error


_PORT, _PATIENCE = 15002, 10.0
"""The port of Spark Connect where an address names none, and how many seconds to wait for an answer."""


@contextmanager
def _in_our_words(address: str) -> Iterator[None]:
    with extra_needed("spark", what="The engine `spark` needs"):
        from grpc import RpcError  # noqa: PLC0415 - it comes with an extra
        from pyspark.errors import PySparkException  # noqa: PLC0415 - it comes with an extra
    try:
        yield
    except (PySparkException, RpcError) as error:
        raise EngineError(
            f"Spark at {address!r} could not compute: {str(error).strip().partition(chr(10))[0]}",
            hint="check that the server runs and can read the workspace's files, and that its tables have the columns.",
        ) from error
