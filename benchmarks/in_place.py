"""A table's rows recorded once and then read, beside the same rows read where they lie: seconds of CPU a million rows.

    python benchmarks/in_place.py [--rows 1000000] [--days 14] [--runs 3] [--customers 1000] [--lived 45]

The table holds what a loader brings: rows by the time at which they were loaded, 2 % of them a second time. *Recorded*
is `read_table`, as each cycle runs it, and what it is sealed with. *In place* is the least it takes to see the same
events: columns renamed, properties as JSON, second times left out, in each question anew; no ids are linked, no times
checked, no rows held back, and nobody is erased. Both are asked the questions that read most, by both engines, and
must answer equal to the last bit. How often the nights of a year's first days read a row is counted in a world that
lives.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from unittest.mock import patch

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from fold import EVENTS_SQL, EXPOSURES_SQL, FIRST, HORIZON, LINKS, PERSONAS
from spent import cpu_seconds, say

from engines import FEATURES, cpu_of, sail_server
from living_personas.demo.closed_loop import lived_in_loop
from living_personas.domain.entry import ENTRY_SCHEMA
from living_personas.engine_port import Ref
from living_personas.engines.conversation import Conversation, Conversations
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.spark.connect import SparkConversation
from living_personas.engines.spark.spark_engine import SparkEngine
from living_personas.engines.sql_engine import SqlEngine
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.recording.table_sources import read_tables
from living_personas.memory.table import Table
from living_personas.memory.tables import ENTRIES, EVENTS
from living_personas.ports import Relation, Store
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec
from living_personas.wiring import open_context

LOADED = """
SELECT message_id AS event_id, customer AS user_id, name AS event, time AS happened_at, channel,
       CAST(properties ->> 'revenue' AS DOUBLE) AS revenue, properties ->> 'sku' AS sku,
       time + INTERVAL 1 DAY + to_microseconds({late}) AS loaded_at
FROM ({events}) AS once {which}
"""

IN_PLACE = """
SELECT event_id AS message_id, user_id AS customer, '' AS also, event AS name, happened_at AS time,
       CAST(happened_at AS DATE) AS day, CAST(EXTRACT(HOUR FROM happened_at) AS TINYINT) AS hour, channel,
       {properties} AS properties
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY loaded_at) AS occurrence FROM raw
      WHERE loaded_at >= TIMESTAMP '{first} 00:00:00'
        AND CAST(happened_at AS DATE) BETWEEN DATE '{first}' AND DATE '{last}') AS loaded
WHERE occurrence = 1
"""

PROPERTIES = {
    "duckdb": "CAST(json_object('revenue', revenue, 'sku', sku) AS VARCHAR)",
    "pyspark": "to_json(named_struct('revenue', revenue, 'sku', sku))",
}

WORKSPACE = """
name: Events of a warehouse
salt: benchmark-in-place
time_zone: UTC
sources:
  events:
    table: events
    updated_at: loaded_at
    database: warehouse.duckdb
    message_id: event_id
    customer: user_id
    time: happened_at
    event: event
    channel: channel
    properties: [revenue, sku]
"""

Ask = Callable[[SqlEngine, Relation | Ref], pa.Table]


def main() -> int:
    """Print the figures; 1 if an answer differs."""
    options = _options()
    last = FIRST + timedelta(days=options.days - 1)
    with tempfile.TemporaryDirectory() as name, sail_server() as (address, server):
        folder = Path(name)
        _load(folder, rows=options.rows, days=options.days)
        context, cost = _recorded(folder)
        say(f"recorded and sealed: {cost / options.rows * 1e6:.2f} s of CPU a million rows")
        raw = tuple(str(path) for path in sorted(folder.glob("raw-*.parquet")))
        equal = []
        say(f"{'':<26}{'sealed':>10}{'in place':>10}{'ratio':>8}  answer")
        for step, (days, ask) in _questions(folder, last).items():
            first = last - timedelta(days=days - 1)
            sealed, rows = EVENTS.read(context.store, first, last), options.rows * days / options.days
            for name_of, engine, process in (("DuckDB", DuckDBEngine(), None), ("Sail", SparkEngine(address), server)):
                place = SqlEngine(_InPlace(engine, raw, first, last))
                ways = (partial(ask, engine, sealed), partial(ask, place, Ref(name="in_place")))
                equal.append(ways[0]().equals(ways[1]()))
                # In turns, so that a busy machine is busy for both.
                turns = [[_cost(way, process) for way in ways] for _run in range(options.runs)]
                one, other = (median(turn[which] for turn in turns) / rows * 1e6 for which in range(2))
                told = "equal" if equal[-1] else "DIFFERS"
                say(f"{step + ', ' + name_of:<26}{one:10.2f}{other:10.2f}{other / one:8.2f}  {told}")
        context.store.close()
    reads = _reads(customers=options.customers, days=options.lived)
    say(f"a night reads {reads:.1f} times as many events as a day has (later half of {options.lived} days)")
    return 0 if all(equal) else 1


def _load(folder: Path, *, rows: int, days: int) -> None:
    """The table, as a database of its own and as files of a lake; and what customers met, which is not in it."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as duck:
        duck.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        for number in range(days):
            day, customers = FIRST + timedelta(days=number), max(rows // 16, 100)
            met = EXPOSURES_SQL.format(day=day, rows=rows * 3 // 2 // days, customers=customers, forever="")
            duck.execute(f"COPY ({met}) TO '{folder}/exposures-{day}.parquet' (FORMAT parquet)")
            events = EVENTS_SQL.format(day=day, rows=rows // days, customers=customers)
            once = LOADED.format(events=events, late="0", which="")
            again = LOADED.format(events=events, late="1800000000", which="WHERE hash(message_id, 6) % 50 = 0")
            make = "CREATE TABLE events AS" if number == 0 else "INSERT INTO events"
            duck.execute(f"{make} (FROM ({once}) UNION ALL FROM ({again})) ORDER BY loaded_at")
        for number in range(days):
            day = FIRST + timedelta(days=number + 1)
            of_day = f"FROM events WHERE CAST(loaded_at AS DATE) = DATE '{day}'"
            duck.execute(f"COPY ({of_day}) TO '{folder}/raw-{day}.parquet' (FORMAT parquet, COMPRESSION zstd)")


def _recorded(folder: Path) -> tuple[Context, float]:
    """A workspace that has read the table, and the seconds of CPU that this took."""
    (folder / "workspace.yaml").write_text(WORKSPACE)
    (folder / "personas").mkdir()
    _, context = open_context(folder)
    later = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(days=400)

    def recording() -> None:
        read_tables(context, now=later)
        seal_waiting(context)

    return context, cpu_seconds(recording)


def _questions(folder: Path, last: date) -> dict[str, tuple[int, Ask]]:
    """What a night asks of the events of so many days."""
    met = tuple(str(path) for path in sorted(folder.glob("exposures-*.parquet")))
    units = DuckDBEngine().units_between(FIRST, last, exposures=met, earlier=(), links=LINKS, members=None)
    pq.write_table(units, folder / "units.parquet")
    sealed = (str(folder / "units.parquet"),)
    return {
        "cells": (
            HORIZON + 1,
            lambda engine, events: (
                engine.fold(last, last, units=sealed, events=events, links=LINKS, personas=PERSONAS).table
            ),
        ),
        "features": (
            1,
            lambda engine, events: engine.features(
                last, events=events, links=LINKS, features=FEATURES, traits={"country": "text"}
            ),
        ),
        "days before entry": ((last - FIRST).days + 1, partial(_entries, last, sealed)),
    }


def _entries(last: date, units: Relation, engine: SqlEngine, events: Relation | Ref) -> pa.Table:
    """Those who enter on the last day, with what they did before it."""
    with engine.keeping() as (asked, kept):
        found = kept.entries(
            last,
            last,
            units=units,
            events=events,
            links=LINKS,
            personas=PERSONAS,
            logged=[""],
            before=ENTRY_SCHEMA.empty_table(),
            only=None,
        )
        return next(asked.pieces(found, by=ENTRIES.of("own").key, most=10**9))


class _InPlace:
    """Conversations of an engine that know the table's rows of some days as events, by the name ``in_place``."""

    def __init__(self, engine: SqlEngine, raw: tuple[str, ...], first: date, last: date) -> None:
        self._database: Conversations = engine._database
        self.dialect = self._database.dialect
        self._raw = raw
        self._view = IN_PLACE.format(properties=PROPERTIES[self.dialect.name], first=first, last=last)

    @contextmanager
    def session(self, **days: date) -> Iterator[Conversation]:
        with self._database.session(**days) as talk:
            talk.know("raw", self._raw)
            if isinstance(talk, SparkConversation):
                talk._spark.sql(self._view).createOrReplaceTempView("in_place")
            else:
                talk.know("in_place", Ref(name=f"({self._view})"))
            yield talk


def _cost(ask: Callable[[], pa.Table], server: int | None) -> float:
    """Seconds of CPU, of this process and of the server."""
    before = time.process_time() + cpu_of(server)
    ask()
    return time.process_time() + cpu_of(server) - before


def _reads(*, customers: int, days: int) -> float:
    """How many days of events a night reads: of those of the second half of a world's days."""
    asked: Counter[date] = Counter()
    night = [date.min]
    real = Table.read

    def read(table: Table, store: Store, first: date, last: date) -> Relation:
        if table.name == EVENTS.name:
            asked[night[0]] += sum(first <= day <= last for day in EVENTS.days(store))
        return real(table, store, first, last)

    world = World(demo_spec(11, customers=customers, days=days))
    with patch.object(Table, "read", read), tempfile.TemporaryDirectory() as name:
        for day, _ in lived_in_loop(world, Path(name) / "shop"):
            night[0] = day
    late = [count for day, count in asked.items() if day >= world.spec.first_day + timedelta(days=days // 2)]
    return sum(late) / len(late)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--customers", type=int, default=1_000)
    parser.add_argument("--lived", type=int, default=45)
    asked = parser.parse_args()
    if asked.lived < 5:
        parser.error("--lived: a world of fewer than 5 days has no later half to count in.")
    return asked


if __name__ == "__main__":
    sys.exit(main())
