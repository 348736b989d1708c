"""Tables that a Spark Connect server knows, and somebody else fills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa

from living_personas.domain.source_table import SourceTable
from living_personas.engines.spark.connect import SparkConnect, SparkConversation
from living_personas.engines.spark.spark_sql import SPARK
from living_personas.engines.sql_table import SqlTable, unreachable
from living_personas.errors import EngineError

__all__ = ["open_spark_table"]


@contextmanager
def open_spark_table(table: SourceTable, *, address: str) -> Iterator[SqlTable]:
    """A table of the server's catalog.

    Raises
    ------
    IngestError
        If the server cannot be reached.
    """
    try:
        with SparkConnect(address).session() as talk:
            yield SqlTable(table, _Catalog(talk), failed=_failures())
    except EngineError as error:
        raise unreachable(table, error, hint=error.hint) from error


def _failures() -> tuple[type[Exception], ...]:
    from grpc import RpcError  # noqa: PLC0415 - it comes with an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - it comes with an extra

    return (RpcError, PySparkException)


class _Catalog:
    def __init__(self, talk: SparkConversation) -> None:
        self._talk = talk

    def answer(self, statement: str) -> pa.Table:
        return self._talk.answer(SPARK.spelled(statement))

    def stream(self, statement: str) -> Iterator[pa.RecordBatch]:
        return self._talk.stream(SPARK.spelled(statement))

    def tables(self) -> Sequence[tuple[str, str]]:
        spaces = self._talk.answer("SHOW DATABASES").column(0).to_pylist()
        found = [(space, self._talk.answer(f"SHOW TABLES IN {_quoted(space)}")) for space in spaces]
        return [(space, name) for space, tables in found for name in tables["tableName"].to_pylist()]


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"
