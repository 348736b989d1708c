"""Tables that somebody else fills: however loads and reads follow each other, each row counts once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.event import EXPOSED, Event, Receipt
from living_personas.domain.settings import Source, SourceExposure, SourceTime
from living_personas.domain.source_table import SourceTable
from living_personas.engines.duckdb.duckdb_tables import open_duckdb_table
from living_personas.errors import IngestError
from living_personas.loop import cycle, table_sources
from living_personas.loop.context import Context
from living_personas.loop.relations import table_of
from living_personas.loop.seal import seal_waiting
from living_personas.loop.table_sources import read_table
from living_personas.memory.records import TIMES_SAID
from living_personas.memory.table_records import TABLES_READ
from living_personas.memory.tables import CELLS, EVENTS
from living_personas.table_port import LoadedTable
from living_personas.wiring import open_context
from loop.shops import LOGGED, SETTINGS, context_of, history, morning_after, noon

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


HOURS = st.lists(st.integers(0, 80), max_size=4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("load"), HOURS),
        st.tuples(st.just("read"), st.integers(0, 90)),
        st.tuples(st.just("crash"), st.integers(1, 3)),
    ),
    max_size=8,
)


class DiedError(Exception):
    """The reader's end."""


@contextmanager
def dying(at: int) -> Iterator[None]:
    """The reader dies when it notes for the so manieth time what it has recorded, inside that transaction."""
    left, real = [at], TIMES_SAID.write
    patch = pytest.MonkeyPatch()

    def write(*words: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise DiedError
        real(*words)  # type: ignore[arg-type]

    class Dying:
        read = staticmethod(TIMES_SAID.read)

    Dying.write = staticmethod(write)  # type: ignore[attr-defined]
    patch.setattr("living_personas.loop.ingest.TIMES_SAID", Dying)
    try:
        yield
    except DiedError:
        pass
    finally:
        patch.undo()


@law(20)
@given(STEPS)
def test_any_interleaving_of_loads_reads_and_crashes_is_reading_once_at_the_end(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int | list[int]]]
) -> None:
    warehouse = Warehouse(tmp_path_factory.mktemp("warehouse"))
    here = warehouse.context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_sources, "_AT_ONCE", 2)
        for what, much in steps:
            if isinstance(much, list):
                warehouse.load(much)
            elif what == "read":
                read_table(here, ORDERS, received=START + timedelta(hours=much))
            else:
                with dying(much):
                    read_table(here, ORDERS, received=CLOCK)
        read_table(here, ORDERS, received=CLOCK, whole=True)
    once = warehouse.context()
    read_table(once, ORDERS, received=CLOCK)
    assert held(here) == held(once)
    assert len(held(here)[0]) + len(held(here)[1]) == warehouse.rows
    assert read_table(here, ORDERS, received=CLOCK) == Receipt()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_day_is_read_only_when_its_last_row_is_recorded(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(table_sources, "_AT_ONCE", 2)
    here = warehouse.context()
    warehouse.load([1] * 6)
    with dying(at):
        read_table(here, ORDERS, received=CLOCK)
    assert TABLES_READ.read(here.store, "orders") is None
    read_table(here, ORDERS, received=CLOCK)
    assert (here.store.inbox.recorded(), len(held(here)[1])) == (5, 1)


READER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from living_personas.loop import table_sources
from living_personas.wiring import open_context
table_sources._AT_ONCE = 250
_, context = open_context(Path(sys.argv[1]))
print("ready", flush=True)
table_sources.read_tables(context, now=datetime(2026, 3, 5, tzinfo=UTC))
print("read", flush=True)
"""
WRITTEN = """\
name: Shop
salt: a-salt-for-tests-only
sources:
  orders:
    table: orders
    updated_at: loaded_at
    database: warehouse.duckdb
    message_id: id
    customer: customer
    time: at
    event: name
    properties: [total]
"""


@pytest.mark.slow
def test_a_reader_that_is_killed_again_and_again_records_each_row_once(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    (tmp_path / "workspace.yaml").write_text(WRITTEN, encoding="utf-8")
    warehouse.load([each % 48 for each in range(10_000)])
    generator, killed, said = Random(7), 0, ""  # noqa: S311 - when to kill is no secret
    while said != "read\n" and killed < 25:
        words = [sys.executable, "-c", READER, str(tmp_path)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as reader:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
            try:
                said = reader.communicate(timeout=generator.uniform(0.05, 0.2 * (killed + 1)))[0]
            except subprocess.TimeoutExpired:
                reader.kill()
                killed += 1
    _, context = open_context(tmp_path)
    with closing(context.store):
        assert killed > 2
        assert (context.store.inbox.recorded(), context.store.quarantine.size()[0]) == (8_000, 2_000)
        assert read_table(context, context.settings.sources[0], received=CLOCK) == Receipt()


def test_a_bad_row_that_is_read_again_is_held_once(warehouse: Warehouse) -> None:
    here = warehouse.context()
    for hours in ([1, 2, 3], [4, 4], [2]):
        warehouse.load(hours)
        read_table(here, ORDERS, received=CLOCK)
    assert [(row.row, row.message_id) for row in here.store.quarantine.rows()] == [(0, "orders:o5")]


def test_a_usual_night_reads_what_is_new_alone(warehouse: Warehouse) -> None:
    here = warehouse.context()
    warehouse.load(range(48))
    assert read_table(here, ORDERS, received=CLOCK).received == 48
    warehouse.load([48, 49])
    assert read_table(here, ORDERS, received=CLOCK) == Receipt(received=2, stored=1, quarantined=1)
    assert read_table(here, ORDERS, received=CLOCK) == Receipt()


def test_rows_behind_the_overlap_wait_until_the_whole_is_looked_at(warehouse: Warehouse) -> None:
    here = warehouse.context()
    warehouse.load([1, 30, 60])
    read_table(here, ORDERS, received=CLOCK)
    warehouse.load([2])
    assert read_table(here, ORDERS, received=CLOCK) == Receipt()
    assert read_table(here, ORDERS, received=CLOCK, whole=True) == Receipt(received=2, stored=1, duplicate=1)
    wider = replace(ORDERS, table=replace(TABLE, overlap=timedelta(days=3)))
    warehouse.load([3])
    assert read_table(warehouse.context(wider), wider, received=CLOCK).received == 5
    assert read_table(here, wider, received=CLOCK).quarantined == 1


def test_a_row_ahead_of_the_clock_counts_once_and_holds_nothing_back(warehouse: Warehouse) -> None:
    here, early = warehouse.context(), START + timedelta(hours=10)
    warehouse.load([1, 50])
    assert read_table(here, ORDERS, received=early).stored == 2
    assert read_table(here, ORDERS, received=early) == Receipt(received=1, duplicate=1)
    warehouse.load([11])
    assert read_table(here, ORDERS, received=CLOCK) == Receipt(received=2, stored=1, duplicate=1)
    assert read_table(here, ORDERS, received=CLOCK) == Receipt()


def test_another_table_under_the_same_source_is_read_from_its_beginning(warehouse: Warehouse) -> None:
    here = warehouse.context()
    warehouse.load([1, 2])
    read_table(here, ORDERS, received=CLOCK)
    warehouse.tell("CREATE TABLE others AS SELECT * REPLACE ('other ' || id AS id) FROM orders")
    other = replace(ORDERS, table=replace(TABLE, name="others"))
    assert read_table(here, other, received=CLOCK).stored == 2


@pytest.mark.parametrize(
    "changed",
    [
        replace(ORDERS, message_id="name"),
        replace(ORDERS, explode="parts"),
        replace(ORDERS, message_id="customer", table=replace(TABLE, updated_at="at")),
    ],
)
def test_other_ids_of_rows_that_were_recorded_are_refused_as_they_would_count_twice(
    warehouse: Warehouse, changed: Source
) -> None:
    warehouse.tell("ALTER TABLE orders ADD COLUMN parts VARCHAR[]")
    warehouse.tell("INSERT INTO orders VALUES ('o1', 'c1', '2026-03-01', 'Bought', 1, '2026-03-01', ['a', 'b'])")
    context = warehouse.context()
    read_table(context, ORDERS, received=CLOCK)
    before = held(context)
    warehouse.tell("INSERT INTO orders VALUES ('o2', 'c2', '2026-03-01', 'Bought', 1, '2026-03-01', ['a', 'b'])")
    with pytest.raises(IngestError, match="would count twice") as refused:
        read_table(context, changed, received=CLOCK)
    assert "put `message_id: id` back" in str(refused.value.hint)
    assert held(context) == before
    assert read_table(context, ORDERS, received=CLOCK).stored == 1
    other = replace(changed, table=replace(TABLE, name="others"))
    warehouse.tell("CREATE TABLE others AS FROM orders LIMIT 0")
    assert read_table(context, other, received=CLOCK) == Receipt()


def test_how_far_a_table_was_read_before_ids_were_noted_is_gone_on_from(warehouse: Warehouse) -> None:
    context = warehouse.context()
    warehouse.load([1, 2])
    read_table(context, ORDERS, received=CLOCK)
    known = TABLES_READ.read(context.store, "orders")
    assert known
    assert known.ids == "message_id: id"
    TABLES_READ.write(context.store, "orders", replace(known, ids=""))
    warehouse.load([3])
    assert read_table(context, ORDERS, received=CLOCK).stored == 1


def test_rows_that_are_gone_and_come_again_add_nothing(warehouse: Warehouse) -> None:
    here = warehouse.context()
    warehouse.load([1, 2, 30])
    read_table(here, ORDERS, received=CLOCK)
    warehouse.tell("CREATE TABLE kept AS FROM orders", "DELETE FROM orders WHERE loaded_at < '2026-03-02'")
    read_table(here, ORDERS, received=CLOCK, whole=True)
    warehouse.tell("DELETE FROM orders", "INSERT INTO orders FROM kept")
    assert read_table(here, ORDERS, received=CLOCK, whole=True).stored == 0
    assert len(held(here)[0]) == 3


def test_how_far_it_was_read_is_a_row_that_is_recorded(warehouse: Warehouse) -> None:
    here = warehouse.context()
    warehouse.load([1, 30])
    read_table(here, ORDERS, received=CLOCK)
    found = TABLES_READ.read(here.store, "orders")
    assert found is not None
    assert found.through == START + timedelta(hours=30)
    assert found.rows == {START.date(): 1, START.date() + timedelta(days=1): 1}


def test_what_fails_while_rows_are_read_is_said_in_the_words_of_the_database(warehouse: Warehouse) -> None:
    warehouse.load([1, 2])
    warehouse.tell("CREATE VIEW broken AS SELECT * REPLACE (CAST(name AS INTEGER) AS total) FROM orders")
    source = replace(ORDERS, table=replace(TABLE, name="broken"))
    with pytest.raises(IngestError, match=r"^The table 'broken' cannot be read: Conversion Error"):
        read_table(warehouse.context(source), source, received=CLOCK)


def test_a_table_that_is_empty_is_no_error(warehouse: Warehouse) -> None:
    assert read_table(warehouse.context(), ORDERS, received=CLOCK) == Receipt()


def test_all_that_travels_leaves_the_time_of_loading_out(warehouse: Warehouse) -> None:
    everything = replace(ORDERS, properties=("*",))
    here = warehouse.context(everything)
    warehouse.load([1])
    read_table(here, everything, received=CLOCK)
    seal_waiting(here)
    assert table_of(EVENTS.all(here.store))["properties"].to_pylist() == ['{"total": 2.5}']


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("INSERT INTO orders (id) VALUES ('x')", "1 row of 'orders' holds no time in 'loaded_at'"),
        ("INSERT INTO orders (id, loaded_at) VALUES ('x', 'infinity')", "1 row of 'orders' holds no time"),
        ("INSERT INTO orders (id, loaded_at) VALUES ('x', '0001-01-01 00:00')", "1 row of 'orders' holds no time"),
        ("ALTER TABLE orders RENAME total TO amount", "takes `properties` from column 'total'"),
        ("ALTER TABLE orders RENAME TO sales", "There is no table 'orders'"),
    ],
)
def test_what_cannot_be_read_stops_the_cycle_before_a_day_is_closed(
    warehouse: Warehouse, change: str, said: str
) -> None:
    here = warehouse.context()
    warehouse.load([1])
    warehouse.tell(change)
    with pytest.raises(IngestError, match=said.replace("(", r"\(")):
        cycle.run(here, now=CLOCK, owner="w")
    assert here.store.inbox.recorded() == 0
    assert here.store.snapshots.latest() is None


EXPOSURES = Source(
    name="orders",
    customer="customer",
    message_id="id",
    time=SourceTime(column="at"),
    event="name",
    exposure=SourceExposure(
        attribute="framing", option="option", persona="persona", propensity="share", policy="policy", epoch="epoch"
    ),
    table=TABLE,
)


def _rows(events: Sequence[Event], loaded: Callable[[Event], datetime]) -> pa.Table:
    met = [event.exposures[0] if event.exposures else None for event in events]
    return pa.table(
        {
            "id": [event.message_id for event in events],
            "customer": [event.customer for event in events],
            "at": pa.array([event.time for event in events], pa.timestamp("us", tz="UTC")),
            "name": [event.name for event in events],
            "option": pa.array([each and each.option for each in met], pa.string()),
            "persona": pa.array([each and "buyer" for each in met], pa.string()),
            "share": pa.array([each and LOGGED["logged"][each.option] for each in met], pa.float64()),
            "policy": pa.array([each and "logged" for each in met], pa.string()),
            "epoch": pa.array([each and each.epoch for each in met], pa.string()),
            "loaded_at": pa.array([loaded(event) for event in events], pa.timestamp("us", tz="UTC")),
        }
    )


def _lived(warehouse: Warehouse, *parts: pa.Table) -> Context:
    """A shop whose table is loaded in parts, each read in the night after it, the fourth long afterwards."""
    warehouse.tell("DROP TABLE orders")
    wide = replace(EXPOSURES, table=replace(TABLE, overlap=timedelta(days=30)))
    context = warehouse.context(wide)
    mornings = [*map(morning_after, range(3)), morning_after(6)]
    for number, (part, morning) in enumerate(zip(parts, mornings, strict=True)):
        with duckdb.connect(str(warehouse.path)) as filling:
            filling.execute("SET TimeZone = 'UTC'")
            filling.register("new", part)
            filling.execute("INSERT INTO orders FROM new" if number else "CREATE TABLE orders AS FROM new")
        cycle.run(context, now=morning, owner="w", until=noon(5).date() if number == 3 else None)
    return context


@pytest.mark.long
def test_late_partitions_fold_the_days_again_that_they_touch(warehouse: Warehouse) -> None:
    """Orders of the first day are loaded after it was closed: in the end cells are as if they never were late."""
    events = history(range(3), units=60)
    late = {event.message_id for event in events if event.name != EXPOSED and event.time < noon(0, hours=8)}
    days = [(event.time - noon(0, hours=-12)).days for event in events]
    table = _rows(events, lambda event: noon((event.time - noon(0, hours=-12)).days, hours=15))
    first, second, third = (table.filter(pa.array([min(each, 2) == day for each in days])) for day in range(3))
    is_late = pa.array([id_ in late for id_ in first["id"].to_pylist()])
    assert len(late) > 3
    came_late = _lived(warehouse, first.filter(pc.invert(is_late)), second, third, first.filter(is_late))
    in_time = _lived(warehouse, first, second, third, first.slice(0, 0))
    assert held(came_late) == held(in_time)
    assert table_of(CELLS.all(came_late.store)).equals(table_of(CELLS.all(in_time.store)))
