"""Tables that somebody else fills: however loads and reads follow each other, each row counts once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.domain.event import EXPOSED, Event, Receipt
from living_personas.domain.settings import Source, SourceExposure, SourceTime
from living_personas.errors import IngestError
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording import table_sources
from living_personas.loop.recording.table_sources import read_table
from living_personas.loop.relations import table_of
from living_personas.memory.records import TIMES_SAID
from living_personas.memory.table_records import DAYS_BEGUN, TABLES_READ
from living_personas.memory.tables import CELLS
from living_personas.wiring import open_context
from loop.shops import LOGGED, history, morning_after, noon
from loop.warehouse import CLOCK, ORDERS, START, TABLE, Warehouse, held
from loop.warehouse import warehouse as warehouse  # noqa: PLC0414 - a fixture

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
    patch.setattr("living_personas.loop.recording.ingest.TIMES_SAID", Dying)
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


@pytest.mark.parametrize(
    "loaded_meanwhile", [[], *(pytest.param([hour], marks=pytest.mark.long) for hour in (20, 2, 40))]
)
def test_a_huge_day_that_is_interrupted_each_time_comes_to_its_end(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, loaded_meanwhile: list[int]
) -> None:
    """One commit at a time: what was recorded to the end of a part is not read again, whatever is loaded meanwhile."""
    monkeypatch.setattr(table_sources, "_AT_ONCE", 4)
    here, rounds = warehouse.context(), 0
    warehouse.load([1, 3, 5, 7] * 15)
    while (known := TABLES_READ.read(here.store, "orders")) is None or known.rows[START.date()] < 60:
        with dying(2 + rounds % 2):
            read_table(here, ORDERS, received=CLOCK)
        rounds += 1
        if rounds == 10:
            warehouse.load(loaded_meanwhile)
        assert rounds < 40
    assert DAYS_BEGUN.read(here.store, "orders") is None
    read_table(here, ORDERS, received=CLOCK)
    once = warehouse.context()
    read_table(once, ORDERS, received=CLOCK)
    assert held(here) == held(once)
    assert TABLES_READ.read(here.store, "orders") == TABLES_READ.read(once.store, "orders")
    assert read_table(here, ORDERS, received=CLOCK) == Receipt()


def test_a_day_that_was_begun_keeps_the_ids_that_its_rows_have(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_sources, "_AT_ONCE", 2)
    here = warehouse.context()
    warehouse.load([1] * 6)
    with dying(2):
        read_table(here, ORDERS, received=CLOCK)
    with pytest.raises(IngestError, match="would count twice"):
        read_table(here, replace(ORDERS, message_id="name"), received=CLOCK)


READER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from living_personas.loop.recording import table_sources
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
