"""What one look at a table reads, what waits, and what stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from living_personas.domain.event import Receipt
from living_personas.domain.settings import Source
from living_personas.errors import IngestError
from living_personas.loop import cycle
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.recording.table_sources import read_table
from living_personas.loop.relations import table_of
from living_personas.memory.table_records import TABLES_READ
from living_personas.memory.tables import EVENTS
from loop.warehouse import CLOCK, ORDERS, START, TABLE, Warehouse, held
from loop.warehouse import warehouse as warehouse  # noqa: PLC0414 - a fixture


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
