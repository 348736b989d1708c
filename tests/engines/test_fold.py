"""Evidence is sums: the fold against a slow reading of its definition, and the laws it keeps."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from math import ceil, log10
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.folding import ENGINE, FIRST, LAST, PERSONAS, PROPERTY, START, ZONE, DayCaps, Row, folded, outcome, write
from engines.linking import links_of, whose
from laws import law
from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.cell import CELL_KEY, CELL_SUMS, GOAL
from living_personas.domain.goal import DAY, Goal, Guardrail
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.stats.value_caps import CLASSES

LASTS = {("spender's", "framing"): 6, ("spender's", "tone"): 0, ("reader", "framing"): 0}
"""For how many days after its first one an epoch that is named by a day goes on."""

STEPS = 2.0**42
"""In how many steps a value of 1 is counted whose cap is 10."""


def moments() -> st.SearchStrategy[datetime]:
    """Few enough instants that ties and edges of windows happen often."""
    return st.integers(0, 10).map(lambda half: START + timedelta(hours=12) * half)


@st.composite
def unit_rows(draw: st.DrawFn) -> Row:
    time = draw(moments())
    return {
        "customer": draw(st.sampled_from(["ann", "ann", "anonymous"])),
        "persona": draw(st.sampled_from(["spender's", "reader", "unmatched"])),
        "attribute": draw(st.sampled_from(["framing", "framing", "tone"])),
        "epoch": draw(st.sampled_from(["1", "infinity", "2026-03-20", "2026-03-26", "2026-03-28", "2026-03-30"])),
        "option": draw(st.sampled_from(["a", "b'"])),
        "cohort": time.astimezone(ZONE).date(),
        "time": time,
        "channel": draw(st.sampled_from(["", "web"])),
        "stratum": "",
        "policy": draw(st.sampled_from(["p1", "holdout"])),
        "propensity": None,
        "holdout": False,
    }


@st.composite
def outcome_rows(draw: st.DrawFn) -> Row:
    time = draw(moments())
    carried = st.one_of(
        st.sampled_from([4, -3, 0.1, 12, "2.5", " 7 ", "1_0", "NaN", "inf", 1e300, "x", None, True, [1], {"a": 1}]),
        st.floats(-20, 20),
    )
    return {
        "customer": draw(st.sampled_from(["ann", "ann", "anonymous"])),
        "name": draw(st.sampled_from(["bought", "bought", "bought", "left", "seen"])),
        "time": time,
        "day": time.astimezone(ZONE).date(),
        "hour": time.astimezone(ZONE).hour,
        "channel": "",
        "also": "",
        "properties": json.dumps(draw(st.one_of(st.just({}), carried.map(lambda number: {PROPERTY: number})))),
    }


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Row], list[Row], dict[str, str]]:
    units = draw(st.lists(unit_rows(), min_size=1, max_size=8, unique_by=_key))
    outcomes = draw(st.lists(outcome_rows(), min_size=2, max_size=14))
    for index, row in enumerate(outcomes):
        row["message_id"] = f"m{index}"
    return units, outcomes, draw(st.sampled_from([{}, {"anonymous": "ann"}]))


def _key(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in ("customer", "attribute", "epoch"))


def day_caps() -> st.SearchStrategy[DayCaps]:
    days = st.integers(0, (LAST - FIRST).days).map(lambda number: FIRST + number * DAY)
    return st.dictionaries(days, st.sampled_from([None, 0.25, 3.0, 12.0]), max_size=4)


Sums = dict[tuple[object, ...], list[float]]


def expected(units: Sequence[Row], outcomes: Sequence[Row], links: dict[str, str], caps: DayCaps) -> Sums:
    """The definition, read aloud: every unit, every metric, every day, one after the other."""
    cells: Sums = defaultdict(lambda: [0, 0, 0.0, 0.0])
    personas = {persona.id: persona for persona in PERSONAS}
    for unit in units:
        if unit["persona"] in personas:
            persona = personas[str(unit["persona"])]
            mine = [row for row in outcomes if whose(row, links) == whose(unit, links)]
            most = caps.get(unit["cohort"], 10.0) if persona.goal.is_value else 1.0  # type: ignore[call-overload]
            if most is not None:
                goal = replace(persona.goal, at_most=min(most, persona.goal.at_most or 1.0))
                credit(cells, unit, GOAL, goal, mine)
            for rail in persona.guardrails:
                credit(cells, unit, rail.metric, rail, mine)
    return {key: sums for key, sums in cells.items() if any(abs(number) > 1e-12 for number in sums)}


def credit(cells: Sums, unit: Row, metric: str, judged: Goal | Guardrail, mine: Sequence[Row]) -> None:
    counted = [row for row in mine if row["name"] == judged.event and in_time(row, unit, judged)]
    key = [metric if name == "metric" else unit[name] for name in CELL_KEY[1:]]
    cells[(unit["cohort"], *key)][0] += 1
    known, total = 0.0, 0.0
    for number, day in enumerate(sorted({row["day"] for row in counted}, key=str)):
        total += sum(worth(row, judged.value) for row in counted if row["day"] == day)
        before, known = known, min(max(total, 0.0), judged.at_most or 1.0)
        sums = cells[(day, *key)]
        sums[1] += number == 0
        sums[2] += known - before
        sums[3] += known**2 - before**2


def in_time(outcome: Row, unit: Row, judged: Goal | Guardrail) -> bool:
    """From the first exposure until ``within`` after the end of the epoch: in hours, or by the local calendar."""
    happened, exposed, day, cohort = outcome["time"], unit["time"], outcome["day"], unit["cohort"]
    assert isinstance(happened, datetime)
    assert isinstance(exposed, datetime)
    assert isinstance(day, date)
    assert isinstance(cohort, date)
    if happened < exposed:
        return False
    lasts = LASTS.get((str(unit["persona"]), str(unit["attribute"])))
    if lasts is None or not str(unit["epoch"]).startswith("2026"):
        return happened - exposed <= judged.within and day - cohort <= judged.horizon_days * DAY
    last = min(max(date.fromisoformat(str(unit["epoch"])) + lasts * DAY, cohort), cohort + lasts * DAY)
    return happened.astimezone(ZONE).replace(tzinfo=None) < datetime.combine(last + DAY, time()) + judged.within


def worth(outcome: Row, name: str | None) -> float:
    if name is None:
        return 1.0
    value = json.loads(str(outcome["properties"])).get(name)
    if isinstance(value, bool | list | dict) or value in (None, "1_0", "NaN", "inf", "x"):
        return 0.0
    return float(value)


World = tuple[list[Row], list[Row], dict[str, str]]


@law(40)
@given(worlds(), day_caps())
def test_the_fold_is_its_definition(world: World, caps: DayCaps) -> None:
    table = folded(*world, caps=caps).table
    found = {tuple(row[name] for name in CELL_KEY): [row[name] for name in CELL_SUMS] for row in table.to_pylist()}
    wanted = expected(*world, caps)
    assert list(found) == sorted(found, key=lambda key: [str(part) for part in key])
    for key in found.keys() | wanted.keys():
        assert found.get(key, [0, 0, 0, 0]) == pytest.approx(wanted.get(key, [0, 0, 0, 0]), abs=1e-9)


@law(25)
@given(worlds())
def test_amounts_are_what_units_come_to_before_any_cap(world: World) -> None:
    units, outcomes, links = world
    tables = pa.Table.from_pylist(units, schema=UNIT_SCHEMA), pa.Table.from_pylist(outcomes, schema=EVENT_SCHEMA)
    spender = PERSONAS[:1]
    rows = ENGINE.unit_amounts(units=tables[0], events=tables[1], links=links_of(links), personas=spender).to_pylist()
    wanted: Counter[tuple[object, object]] = Counter()
    for unit in units:
        mine = [row for row in outcomes if whose(row, links) == whose(unit, links) and row["name"] == "bought"]
        counted = [worth(row, PROPERTY) for row in mine if in_time(row, unit, spender[0].goal)]
        # In whole steps, of which an outcome is at most 2^62.
        steps = sum(round(min(max(each, -(2.0**20)), 2.0**20) * STEPS) for each in counted)
        if unit["persona"] == "spender's" and steps > 0:
            wanted[unit["cohort"], ceil(log10(steps / STEPS) * CLASSES - 1e-9)] += 1
    assert {(row["day"], row["size"]): row["n"] for row in rows} == dict(wanted)


def test_amounts_of_customers_are_of_everybody_in_spans_of_days() -> None:
    """Two orders in one span are one sum, with and without a unit; one in the next span is another."""
    on = [(date(2026, 3, 28), 4.0), (date(2026, 3, 30), 6.0), (date(2026, 4, 5), 100.0)]
    events = [outcome(message_id=str(day), day=day, properties=json.dumps({PROPERTY: amount})) for day, amount in on]
    found = ENGINE.customer_amounts(
        days=7, events=pa.Table.from_pylist(events, schema=EVENT_SCHEMA), links=links_of({}), personas=PERSONAS[:1]
    ).to_pylist()
    assert [(row["day"], row["size"], row["n"]) for row in found] == [
        (date(2026, 4, 1), 40, 1),
        (date(2026, 4, 8), 80, 1),
    ]


@law(12)
@given(world=worlds(), cut=st.integers(0, (LAST - FIRST).days - 1))
def test_days_add_up(world: World, cut: int) -> None:
    middle = FIRST + cut * DAY
    whole = folded(*world)
    assert (folded(*world, FIRST, middle) + folded(*world, middle + DAY, LAST)).table.equals(whole.table)


@law(12)
@given(world=worlds(), random=st.randoms(use_true_random=False))
def test_the_order_and_the_files_of_rows_do_not_matter(
    world: World, random: Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    units, outcomes, links = world
    whole = folded(units, outcomes, links)
    shuffled = random.sample(units, len(units)), random.sample(outcomes, len(outcomes))
    assert folded(*shuffled, links).table.equals(whole.table)
    folder = tmp_path_factory.mktemp("it's 100%")
    files = [
        write(folder, rows[start::2], schema, f"{schema.names[0]}{start}")
        for rows, schema in zip(shuffled, (UNIT_SCHEMA, EVENT_SCHEMA), strict=True)
        for start in (0, 1)
    ]
    split = ENGINE.fold(
        FIRST, LAST, units=tuple(files[:2]), events=tuple(files[2:]), links=links_of(links), personas=PERSONAS
    )
    assert split.table.equals(whole.table)
