"""The engine that needs no server: DuckDB in memory, over Arrow tables and Parquet files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from functools import cached_property

import duckdb
import ibis
import ibis.expr.datatypes as dt
from ibis.expr import types as ir

from living_personas.engines.dialect import Dialect
from living_personas.engines.duckdb.session import Session, in_memory, session
from living_personas.engines.sql.sql_text import pointer
from living_personas.engines.sql_engine import SqlEngine

__all__ = ["DuckDBEngine"]


class DuckDBEngine(SqlEngine):
    """Rows in DuckDB: each call is a conversation of its own with a database that holds nothing, so calls may overlap.

    Parameters
    ----------
    threads
        How many cores a call may use; None means all of them.
    memory
        Where a call begins to spill to ``spill``, such as ``"1GB"`` or ``"50%"``; None means DuckDB's own limit.
    spill
        The folder for what does not fit into memory, or what makes it ready when it is first needed; None means that
        nothing is written to disk.
    """

    def __init__(
        self, *, threads: int | None = None, memory: str | None = None, spill: str | Callable[[], str] | None = None
    ) -> None:
        super().__init__(_InMemory(threads=threads, memory=memory, spill=spill))


class _InMemory:
    """The database, from the first question on: most commands ask none, and it takes 20 ms to open."""

    def __init__(self, *, threads: int | None, memory: str | None, spill: str | Callable[[], str] | None) -> None:
        self._threads, self._memory, self._spill = threads, memory, spill

    @property
    def dialect(self) -> Dialect:
        return _DIALECT

    def session(self, **days: date) -> AbstractContextManager[Session]:
        return session(self._database, spill=self._folder, **days)

    @cached_property
    def _database(self) -> duckdb.DuckDBPyConnection:
        return in_memory(threads=self._threads, memory=self._memory, spill=self._folder)

    @cached_property
    def _folder(self) -> str:
        return (self._spill() if callable(self._spill) else self._spill) or ""


def _json_extract_string(document: str, pointer: str) -> str:  # type: ignore[empty-body]  # the body is DuckDB's
    """The text of a field."""


_extracted = ibis.udf.scalar.builtin(_json_extract_string, name="json_extract_string")


def _field(document: ir.StringValue, name: str) -> ir.StringValue:
    found: ir.StringValue = _extracted(document, pointer(name))
    return found


def _microseconds(since: ir.TimestampValue, until: ir.TimestampValue) -> ir.IntegerValue:
    return until.delta(since, unit="microsecond")


def _add(day: date, days: int) -> date:  # type: ignore[empty-body]  # the body is DuckDB's
    """The day so many days later: an interval would make it a moment."""


_days_after = ibis.udf.scalar.builtin(_add, name="add", signature=((dt.date, dt.int32), dt.date))


def _as_written(statement: str) -> str:
    return statement


_DIALECT = Dialect(
    name="duckdb",
    spelled=_as_written,
    doubles=_as_written,
    field=_field,
    microseconds=_microseconds,
    days_after=_days_after,
)
