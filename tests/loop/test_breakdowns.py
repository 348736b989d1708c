"""Effects in parts: for every column the parts add up to the whole, on every day, whatever comes late or is erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from living_personas.domain.cell import GOAL
from living_personas.domain.event import EXPOSED, IDENTIFY, Event, Exposure
from living_personas.domain.goal import Goal
from living_personas.domain.report import PartsReport
from living_personas.domain.settings import Feature
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.forgetting import erase
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.loop.splits.breakdowns import count_parts
from living_personas.loop.splits.part_sums import SPAN
from living_personas.memory.split_records import BANDS, PARTS_COUNTED
from living_personas.memory.tables import BREAKDOWN_SCHEMA, BREAKDOWNS, CELLS
from living_personas.reporting.effects_in_parts import effects_in_parts
from living_personas.reporting.parts_words import left_out_words
from living_personas.reporting.reading import Reading, stamp_of
from loop.shops import DAY_ZERO, LOGGED, PERSONA, SETTINGS, context_of, morning_after, noon

LOOKED_AT = replace(
    SETTINGS,
    traits=("country", "plan"),
    features=(Feature(name="visits", sql="count(*) filter (where name = 'Visit')"),),
    breakdowns=("country", "visits"),
)
SPENDER = replace(PERSONA, goal=Goal(event="Bought", value="price", at_most=50.0, within=timedelta(days=2)))
COUNTRIES = ("NL", "BE", "LU", None)
WAIT = SPENDER.wait_days(SPENDER.attribute("framing"))


def whole_of(context: Context, day: date) -> dict[tuple[str, str], tuple[float, ...]]:
    """What the cells say of a day's units: by option and policy."""
    cells = table_of(CELLS.all(context.store))
    mine = cells.filter(pc.and_(pc.equal(cells["cohort"], pa.scalar(day)), pc.equal(cells["metric"], GOAL)))
    return _added(mine)


def parts_of(context: Context, column: str) -> dict[date, dict[tuple[str, str], tuple[float, ...]]]:
    """The sums over all parts of a column, day by day."""
    rows = table_of(BREAKDOWNS.all(context.store), BREAKDOWN_SCHEMA)
    mine = rows.filter(pc.equal(rows["column"], column))
    return {day: _added(mine.filter(pc.equal(mine["day"], day))) for day in mine["day"].unique().to_pylist()}


def _added(rows: pa.Table) -> dict[tuple[str, str], tuple[float, ...]]:
    key, sums = ["option", "policy"], ["n", "s", "sum", "sum_sq"]
    added = rows.group_by(key).aggregate([(name, "sum") for name in sums]).to_pylist()
    return {
        (row["option"], row["policy"]): tuple(round(row[f"{name}_sum"], 6) for name in sums)
        for row in added
        if any(row[f"{name}_sum"] for name in sums)
    }


def a_day(day: int, rng: np.random.Generator, *, customers: int = 210) -> list[Event]:
    """Some of the customers come, and some say where they are, buy, or just look around."""
    events = []
    for number in range(customers):
        who = f"c{number}"
        country = COUNTRIES[number % len(COUNTRIES)]
        if day == 0 and country:
            said = {"country": country}
            early = noon(-1)
            events.append(Event(message_id=f"{who}-is", customer=who, name=IDENTIFY, time=early, properties=said))
        if rng.random() < 0.4:
            continue
        option = str(rng.choice(list(LOGGED["logged"]), p=list(LOGGED["logged"].values())))
        met, key = noon(day, hours=number / customers), f"{who}-{day}"
        exposure = Exposure(attribute="framing", option=option, persona="buyer", policy="logged", epoch=str(day))
        events.append(Event(message_id=f"{key}-met", customer=who, name=EXPOSED, time=met, exposures=(exposure,)))
        for name in ("Visit", "Bought", "Bought"):
            if rng.random() < 0.3:
                later = met + timedelta(hours=float(rng.uniform(0.1, 40)))
                price = {"price": float(rng.integers(1, 80))}
                events.append(
                    Event(message_id=f"{key}-{name}-{rng.random()}", customer=who, name=name, time=later,
                          properties=price)
                )  # fmt: skip
    return events


def lived(context: Context, days: int, rng: np.random.Generator, *, late: float) -> list[Event]:
    """So many days, of whose events a share has not come yet; nor, then, has anything of the first day."""
    kept = []
    for day in range(days):
        events = a_day(day, rng)
        comes = rng.random(len(events)) >= (1.0 if day == 0 else late)
        record(context, [each for each, now in zip(events, comes, strict=True) if now], received=noon(day))
        kept += [each for each, now in zip(events, comes, strict=True) if not now]
        cycle.run(context, now=morning_after(day), owner="w")
    return kept


def is_whole(context: Context, through: int, *, first: int = 0) -> None:
    """Every complete day is counted by every column, and its parts are the whole."""
    days = [DAY_ZERO + timedelta(days=day) for day in range(first, through + 1)]
    for column in context.settings.breakdowns:
        parts = parts_of(context, column)
        assert sorted(parts) == days
        for day in days:
            assert parts[day] == whole_of(context, day) != {}


@pytest.mark.long
@settings(max_examples=2, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # a world takes seconds
@given(seed=st.integers(0, 10_000))
def test_the_parts_are_the_whole_on_every_day_late_data_and_erasures_too(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    context = context_of(SPENDER, settings=LOOKED_AT)
    rest = lived(context, 5, rng, late=0.2)
    is_whole(context, 4 - WAIT, first=1)
    record(context, rest, received=noon(5))
    cycle.run(context, now=morning_after(4) + timedelta(hours=12), owner="w")
    is_whole(context, 4 - WAIT)
    erase(context, [f"c{number}" for number in range(0, 210, 7)], now=noon(5), by="Dana", owner="w")
    late_again = [Event(message_id="z", customer="c1", name="Bought", time=noon(1, hours=2), properties={"price": 3.0})]
    record(context, late_again, received=noon(5))
    cycle.run(context, now=morning_after(4) + timedelta(hours=14), owner="w")
    is_whole(context, 4 - WAIT)


def visits(day: int, rng: np.random.Generator, *, visitors: int = 500) -> list[Event]:
    """New visitors, half of them in the Netherlands: only there option b doubles what the others bring.

    Half of them say so the day before, half a minute before they meet an option; what all say afterwards is no part.
    """
    events = []
    for number in range(visitors):
        who, country, met = f"v{day}-{number}", COUNTRIES[number % 2], noon(day, hours=number / visitors)
        early = noon(day - 1) if number % 4 < 2 else met - timedelta(seconds=30)
        for at, said in ((early, country), (met + timedelta(seconds=30), COUNTRIES[1 - number % 2])):
            events.append(
                Event(message_id=f"{who}-{at}", customer=who, name=IDENTIFY, time=at, properties={"country": said})
            )
        option = str(rng.choice(list(LOGGED["logged"]), p=list(LOGGED["logged"].values())))
        exposure = Exposure(attribute="framing", option=option, persona="buyer", policy="logged", epoch=str(day))
        events.append(Event(message_id=f"{who}-met", customer=who, name=EXPOSED, time=met, exposures=(exposure,)))
        if rng.random() < (0.6 if option == "b" and country == "NL" else 0.3):
            bought = met + timedelta(hours=1)
            events.append(Event(message_id=f"{who}-b", customer=who, name="Bought", time=bought, properties={}))
    return events


@pytest.fixture(scope="module")
def abroad() -> Context:
    """Ten days in which the effect lives in one country, looked at by country, plan and visits."""
    context = context_of(settings=replace(LOOKED_AT, breakdowns=("country", "plan", "visits")))
    rng = np.random.Generator(np.random.PCG64(3))
    record(context, [event for day in range(10) for event in visits(day, rng)], received=noon(10))
    cycle.run(context, now=morning_after(10), owner="w")
    return context


def test_an_effect_that_lives_in_one_country_is_seen_there(abroad: Context) -> None:
    country, *_ = looked_at(abroad)
    assert (country.new, country.old, country.hidden) == ("b", "a", 0)
    dutch, belgian = sorted(country.parts, key=lambda each: each.name, reverse=True)
    assert (dutch.name, belgian.name) == ("NL", "BE")
    assert dutch.effect is not None
    assert belgian.effect is not None
    assert dutch.effect.lower > 0.15
    assert belgian.effect.lower < 0 < belgian.effect.upper
    assert dutch.effect.lower > belgian.effect.estimate
    assert min(dutch.customers, belgian.customers) > 1_500
    assert dutch.units >= dutch.customers


def test_the_part_of_everybody_has_the_one_effect_that_is_said_everywhere(abroad: Context) -> None:
    reading = Reading(abroad, stamp_of(abroad))
    _, plan, visited = looked_at(abroad)
    for everybody, name in ((plan, "not known"), (visited, "any number")):  # who never came has visited 0 times
        assert [each.name for each in everybody.parts] == [name]
        assert everybody.parts[0].effect == reading.persona("buyer").attributes[0].effect


@pytest.mark.long
def test_parts_of_few_customers_are_not_told_however_often_they_came() -> None:
    """Thirty regulars who come every day have hundreds of occasions, and are thirty customers."""
    context = context_of(settings=replace(LOOKED_AT, breakdowns=("country",)))
    rng = np.random.Generator(np.random.PCG64(3))
    for day in range(12):
        regulars = [
            replace(each, message_id=f"{day}{each.message_id}", customer=each.customer.split("-")[1])
            for each in visits(day, rng, visitors=30)
            if each.name != IDENTIFY
        ]
        record(context, [*visits(day, rng, visitors=70), *regulars], received=noon(12))
    cycle.run(context, now=morning_after(12), owner="w")
    rows = table_of(BREAKDOWNS.all(context.store), BREAKDOWN_SCHEMA)
    unknown = rows.filter(pc.and_(pc.is_null(rows["value"]), pc.invert(rows["others"])))
    assert pc.sum(unknown["n"]).as_py() == 30 * len(BREAKDOWNS.days(context.store)) > 300
    assert pc.sum(unknown["customers"]).as_py() == 30 * len(
        {day.toordinal() // SPAN for day in BREAKDOWNS.days(context.store)}
    )
    (country,) = looked_at(context)
    assert "not known" not in {each.name for each in country.parts}
    assert country.hidden == 1
    assert "One part of fewer than 50 customers is not shown." in " ".join(left_out_words([country]))


def looked_at(context: Context) -> tuple[PartsReport, ...]:
    return effects_in_parts(context, Reading(context, stamp_of(context)), "buyer")


@pytest.mark.long
def test_other_columns_are_counted_anew_and_without_any_nothing_is_kept(abroad: Context) -> None:
    fewer = replace(abroad, settings=replace(LOOKED_AT, breakdowns=("country",)))
    count_parts(fewer)
    rows = table_of(BREAKDOWNS.all(fewer.store), BREAKDOWN_SCHEMA)
    assert set(rows["column"].to_pylist()) == {"country"}
    is_whole(fewer, 8)
    assert (PARTS_COUNTED.read(fewer.store) or {})["buyer/framing"].through == DAY_ZERO + timedelta(days=8)
    count_parts(replace(abroad, settings=SETTINGS))
    assert not BREAKDOWNS.days(abroad.store)
    assert (PARTS_COUNTED.read(abroad.store), BANDS.read(abroad.store)) == (None, None)
    count_parts(abroad)
