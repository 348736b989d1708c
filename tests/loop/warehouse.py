"""A table that somebody else fills, and what was recorded of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.settings import Source, SourceTime
from living_personas.domain.source_table import SourceTable
from living_personas.engines.duckdb.duckdb_tables import open_duckdb_table
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.relations import table_of
from living_personas.memory.tables import EVENTS
from living_personas.table_port import LoadedTable
from loop.shops import SETTINGS, context_of

TABLE = SourceTable(name="orders", updated_at="loaded_at", overlap=timedelta(0))

ORDERS = Source(
    name="orders",
    customer="customer",
    message_id="id",
    time=SourceTime(column="at"),
    event="name",
    properties=("total",),
    table=TABLE,
)

START = datetime(2026, 3, 1, tzinfo=UTC)

CLOCK = START + timedelta(days=4)

SHAPE = 'id VARCHAR, customer VARCHAR, "at" TIMESTAMPTZ, name VARCHAR, total DOUBLE, loaded_at TIMESTAMPTZ'


class Warehouse:
    """A file that is filled, row by row; rows without a customer cannot be events."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "warehouse.duckdb"
        self.rows = 0
        self.tell("SET TimeZone = 'UTC'", f"CREATE OR REPLACE TABLE orders ({SHAPE})")

    def tell(self, *statements: str) -> None:
        with duckdb.connect(str(self.path)) as filling:
            for statement in statements:
                filling.execute(statement)

    def load(self, hours: Sequence[int]) -> None:
        """A row for each hour after the start at which it is said to be loaded; every fifth names nobody."""
        loaded = []
        for hour in hours:
            self.rows += 1
            customer = "" if self.rows % 5 == 0 else f"c{self.rows % 3}"
            moment = START + timedelta(hours=hour)
            loaded.append(
                (f"o{self.rows}", customer, START + timedelta(minutes=self.rows % 1440), "Bought", 2.5, moment)
            )
        self.insert(loaded)

    def insert(self, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            names = [each.split()[0].strip('"') for each in SHAPE.split(", ")]
            table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
            with duckdb.connect(str(self.path)) as filling:
                filling.register("new", table)
                filling.execute("INSERT INTO orders FROM new")

    @contextmanager
    def opened(self, table: SourceTable) -> Iterator[LoadedTable]:
        with open_duckdb_table(table, path=self.path) as found:
            yield found

    def context(self, source: Source = ORDERS) -> Context:
        return replace(context_of(settings=replace(SETTINGS, sources=(source,))), table=self.opened)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def held(context: Context) -> tuple[list[str], list[str]]:
    """The ids of all events that are recorded, and of all rows in quarantine, each as often as it is there."""
    seal_waiting(context)
    events = table_of(EVENTS.all(context.store)) if EVENTS.days(context.store) else EVENT_SCHEMA.empty_table()
    return sorted(events["message_id"].to_pylist()), sorted(row.message_id for row in context.store.quarantine.rows())
