"""The engine that needs no server: DuckDB in memory, over Arrow tables and Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

import duckdb
import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.common.exceptions import IbisError
from ibis.expr import types as ir

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA
from living_personas.domain.cell import CELL_SCHEMA, Cells
from living_personas.domain.persona import Persona, Trait
from living_personas.domain.settings import Feature
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.fold import fold, metric_table
from living_personas.engines.units import units
from living_personas.errors import EngineError
from living_personas.ports import Relation

__all__ = ["DuckDBEngine"]


class DuckDBEngine:
    """Rows in DuckDB: every call has a database of its own, in memory, so that calls share nothing and may overlap.

    Parameters
    ----------
    threads
        How many cores a call may use; None means all of them.
    memory
        Where a call begins to spill to ``spill``, such as ``"1GB"``; None means DuckDB's own limit.
    spill
        The folder for what does not fit into memory; None means that nothing is written to disk.
    """

    def __init__(self, *, threads: int | None = None, memory: str | None = None, spill: str | None = None) -> None:
        settings = {"threads": threads, "memory_limit": memory, "temp_directory": spill or ""}
        self._settings = {name: setting for name, setting in settings.items() if setting is not None}

    def features(
        self, as_of: date, *, events: Relation, links: pa.Table, features: Sequence[Feature], traits: Mapping[str, str]
    ) -> pa.Table:
        """One row per customer, from the events of the days before ``as_of``."""
        from living_personas.engines.features import features as expression

        with self._session() as session:
            return session.answer(
                expression(
                    as_of,
                    events=session.table(events, EVENT_SCHEMA),
                    links=session.links(links),
                    features=features,
                    traits=traits,
                )
            )

    def members(self, customers: pa.Table, *, personas: Sequence[Persona]) -> pa.Table:
        """Who is who: ``customer``, ``persona`` and how many rules ``matches``."""
        from living_personas.engines.members import members

        with self._session() as session:
            return session.answer(members(session.table(customers, None), personas=personas))

    def units(
        self,
        day: date,
        *,
        exposures: Relation,
        earlier: Relation,
        links: pa.Table,
        members: pa.Table | None,
    ) -> pa.Table:
        """The units that were first exposed on ``day``."""
        return self.units_between(day, day, exposures=exposures, earlier=earlier, links=links, members=members)

    def units_between(
        self,
        first: date,
        last: date,
        *,
        exposures: Relation,
        earlier: Relation,
        links: pa.Table,
        members: pa.Table | None,
    ) -> pa.Table:
        """The units of many days at once, as ``units`` would find them day by day: for history and rebuilding."""
        with self._session() as session:
            opened = units(
                first,
                last,
                exposures=session.table(exposures, EXPOSURE_SCHEMA),
                earlier=session.table(earlier, UNIT_SCHEMA) if _holds_any(earlier) else None,
                links=session.links(links),
                members=None if members is None else session.table(members, None),
            )
            return session.answer(opened).cast(UNIT_SCHEMA)

    def fold(
        self,
        first: date,
        last: date,
        *,
        units: Relation,
        events: Relation,
        links: pa.Table,
        personas: Sequence[Persona],
    ) -> Cells:
        """What became known on the outcome days ``first`` to ``last``: one expression, one pass."""
        with self._session() as session:
            cells = fold(
                first,
                last,
                units=session.table(units, UNIT_SCHEMA),
                events=session.table(events, EVENT_SCHEMA),
                links=session.links(links),
                metrics=metric_table(personas),
                number=_number,
            )
            return Cells(table=session.answer(cells).cast(CELL_SCHEMA))

    def measure(self, customers: pa.Table, *, members: pa.Table, traits: Sequence[Trait]) -> pa.Table:
        """Sums over the members of whom a trait is known: ``persona, trait, n, sum, sum_sq``."""
        from living_personas.engines.measure import measure

        with self._session() as session:
            return session.answer(
                measure(session.table(customers, None), members=session.table(members, None), traits=traits)
            )

    def decide(
        self, snapshot: Snapshot, customers: pa.Table, *, at: datetime, channel: str, campaign: str = ""
    ) -> pa.Table:
        """Decide for a whole list in one SQL statement, exactly as ``deciding.decide`` does for one customer."""
        from living_personas.engines.decide_sql import decide_sql

        with self._session() as session:
            session.name("customers", customers)
            return session.rows(
                decide_sql(snapshot, at=at, channel=channel, campaign=campaign, columns=customers.schema)
            )

    @contextmanager
    def _session(self) -> Iterator[_Session]:
        """A database for one call; what goes wrong in it is said in our words."""
        backend: Backend = ibis.duckdb.connect(
            preserve_insertion_order=False, autoinstall_known_extensions=False, **self._settings
        )
        try:
            yield _Session(backend)
        except duckdb.OutOfMemoryException as error:
            raise EngineError(
                "There is more to compute than fits into memory.",
                hint="give DuckDBEngine more `memory`, or a folder to `spill` to.",
            ) from error
        except (duckdb.Error, IbisError) as error:
            raise EngineError(
                f"DuckDB could not compute: {_first_line(error)}",
                hint="check that the files are whole and that the rule or feature fits the columns it names.",
            ) from error
        finally:
            backend.disconnect()


class _Session:
    """One connection, and how relations get in and answers out."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def table(self, relation: Relation, schema: pa.Schema | None) -> ir.Table:
        """A relation as an Ibis table with the columns of ``schema``."""
        if isinstance(relation, pa.Table):
            held = relation
        elif relation:
            return self._files(relation, schema)
        else:
            held = (schema or pa.schema([])).empty_table()
        names = held.column_names if schema is None else schema.names
        return ibis.memtable(held.select(names))

    def links(self, links: pa.Table) -> ir.Table | None:
        """Links, or None where there are none."""
        return self.table(links, None) if links.num_rows else None

    def name(self, name: str, table: pa.Table) -> None:
        """Let SQL know a table under a name."""
        self._backend.con.register(name, table)

    def answer(self, expression: ir.Table) -> pa.Table:
        """Compute an expression."""
        return self._backend.to_pyarrow(expression)

    def rows(self, sql: str) -> pa.Table:
        """Compute a statement."""
        return self._backend.con.sql(sql).to_arrow_table()

    def _files(self, paths: Sequence[str], schema: pa.Schema | None) -> ir.Table:
        # A folder such as day=2026-01-01 must not become a column, and a bracket in a path is no pattern.
        files = self._backend.read_parquet([_literal_path(path) for path in paths], hive_partitioning=False)
        return files if schema is None else files.select(*schema.names)


@ibis.udf.scalar.builtin(name="json_extract_string")
def _json_text(document: str, pointer: str) -> str:  # type: ignore[empty-body]  # the body is DuckDB's
    """The text of a field; a JSON pointer takes every name literally but for ``~`` and ``/``."""


def _number(events: ir.Table, name: str) -> ir.FloatingValue:
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    found = _json_text(events["properties"], pointer).try_cast("float64")
    return (found.isnan() | found.isinf()).ifelse(ibis.null("float64"), found)


def _literal_path(path: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)


def _holds_any(relation: Relation) -> bool:
    return relation.num_rows > 0 if isinstance(relation, pa.Table) else bool(relation)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
