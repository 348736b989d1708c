"""What is known of customers stays where the rows are: however many there are, only answers come here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from living_personas.domain.event import EXPOSED, IDENTIFY, Event, Exposure
from living_personas.domain.persona import Trait
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.spark.spark_engine import SparkEngine
from living_personas.loop import cycle
from living_personas.loop.corrections.baselines import draw_baselines
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.folding.fold import fold_units
from living_personas.loop.folding.known_customers import known_customers
from living_personas.loop.folding.known_of_units import known_of_units
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.loop.splits.breakdowns import count_parts
from living_personas.memory.split_records import PARTS_COUNTED
from living_personas.memory.tables import BREAKDOWNS, CUSTOMERS, MEMBERSHIPS, UNITS
from living_personas.testing import engine_world as world
from loop.shops import DAY_ZERO, PERSONA, context_of, morning_after, noon
from rows_fetched import rows_fetched

pytestmark = pytest.mark.long

MANY, MET = 400, 3
FOREIGN = ("Ünn@x.DE", "ÉVA@Example.com")
NEXT = DAY_ZERO + timedelta(days=1)
PAID = replace(PERSONA, who="plan = 'paid'", traits=(Trait(name="age", believed=30.0),))


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each answer of the server had."""
    return rows_fetched(monkeypatch)


def _events() -> Iterator[Event]:
    """All customers say something on the first day, and a few meet an option on the next without a persona."""
    for number in range(MANY):
        yield Event(
            message_id=f"i{number}",
            customer=f"u{number:03}",
            name=IDENTIFY,
            time=noon(0),
            properties={"plan": "paid" if number % 2 else "free", "age": number % 70},
        )
    for number in range(MET):
        met = Exposure(attribute="framing", option="b", persona="", policy="logged", epoch="1")
        yield Event(message_id=f"x{number}", customer=f"u{number:03}", name=EXPOSED, time=noon(1), exposures=(met,))


def test_units_of_a_day_fetch_counts_and_no_customers(sail: SparkEngine, fetched: list[int]) -> None:
    here = context_of(PAID)
    record(here, list(_events()), received=noon(3))
    seal_waiting(here)
    fold_units(here, NEXT, NEXT)
    wanted = table_of(UNITS.read(here.store, NEXT, NEXT))
    assert wanted.num_rows == MET
    there = replace(here, engine=sail)
    fold_units(there, NEXT, NEXT)
    assert table_of(UNITS.read(there.store, NEXT, NEXT)).sort_by("customer").equals(wanted)
    assert max(fetched) < MET


def test_baselines_fetch_sums_and_no_customers(sail: SparkEngine, fetched: list[int]) -> None:
    here = context_of(PAID)
    record(here, list(_events()), received=noon(3))
    wanted = draw_baselines(here)
    there = replace(here, engine=sail)
    assert draw_baselines(there) == wanted
    assert fetched
    assert max(fetched) <= MET, fetched


def test_a_night_fetches_no_customers(sail: SparkEngine, fetched: list[int]) -> None:
    """Days are folded, what was bet is learned, customers are told apart anew: what is kept is what DuckDB leaves."""
    here, there = context_of(PAID), replace(context_of(PAID), engine=sail)
    for each in (here, there):
        record(each, list(_events()), received=noon(3))
        done = cycle.run(each, now=noon(4), owner="test")
        assert done.snapshot is not None
    for table in (CUSTOMERS, MEMBERSHIPS, UNITS):
        wanted, found = (table_of(table.all(each.store)).sort_by("customer") for each in (here, there))
        assert wanted.num_rows in (MANY, MET)
        assert found.cast(wanted.schema) == wanted
    assert max(fetched) <= MET, fetched


def test_a_list_is_decided_without_its_customers(sail: SparkEngine, fetched: list[int]) -> None:
    """Only ids whose canonical form is not the server's to say come here; the decisions are files that it wrote."""
    ids = pa.array([*(f"u{number:03}" for number in range(MANY)), *FOREIGN])
    listed = pa.table({"customer": ids, "spend": pa.array([20.0] * len(ids)), "country": ["NL"] * len(ids)})
    asked: dict[str, Any] = {"at": noon(1), "channel": "", "campaign": "spring's | sale"}
    wanted = DuckDBEngine(threads=1).decide(world.snapshot_of(), listed, **asked)
    assert wanted.num_rows > 3 * MANY
    with sail.keeping() as (engine, staying):
        members = staying.members(listed, personas=world.PERSONAS)
        known = staying.with_members(listed, members=members)
        files = engine.written(staying.decide(world.snapshot_of(), known, **asked), wanted.schema)
        assert not isinstance(files, pa.Table)
        found = table_of(files).cast(wanted.schema)
    order = [("customer", "ascending"), ("attribute", "ascending")]
    assert found.sort_by(order).equals(wanted.sort_by(order))
    assert max(fetched) <= len(FOREIGN), fetched


def test_a_search_and_a_look_at_splits_fetch_counts_and_those_who_have_units(
    sail: SparkEngine, fetched: list[int]
) -> None:
    here = context_of(PAID)
    record(here, list(_events()), received=noon(3))
    seal_waiting(here)
    met = pa.array([f"u{number:03}" for number in range(MET)])
    with known_customers(here, DAY_ZERO) as known, known_of_units(here) as then:
        filed, wanted = known.filed, then.about(met, NEXT)
    there = replace(here, engine=sail)
    with known_customers(there, DAY_ZERO) as known, known_of_units(there) as then:
        assert known.filed == filed
        assert len(known) == MANY
        found = then.about(met, NEXT)
    assert found[0].cast(wanted[0].schema) == wanted[0]
    assert found[1] == wanted[1]
    assert wanted[0].num_rows == MET
    assert max(fetched) <= MET, fetched


def test_effects_in_parts_fetch_common_values_and_those_who_have_units(sail: SparkEngine, fetched: list[int]) -> None:
    context = context_of(PAID)
    here = replace(context, settings=replace(context.settings, traits=("plan",), breakdowns=("plan",)))
    events = list(_events())
    again = [replace(each, message_id="again", time=noon(2)) for each in events if each.message_id == "x0"]
    for day in range(3):
        record(here, [each for each in (*events, *again) if each.time == noon(day)], received=noon(day))
        cycle.run(here, now=morning_after(day), owner="test")
    wanted = table_of(BREAKDOWNS.all(here.store))
    assert {row["value"]: row["n"] for row in wanted.to_pylist()} == {"paid": 1}
    PARTS_COUNTED.write(here.store, None)
    there = replace(here, engine=sail)
    fetched.clear()
    count_parts(there)
    assert table_of(BREAKDOWNS.all(there.store)) == wanted
    assert 0 < max(fetched) <= MET, fetched
