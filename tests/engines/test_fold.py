"""Evidence is sums: the fold against a slow reading of its definition, and the laws it keeps."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from math import ceil, log10
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.linking import links_of, whose
from laws import law
from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.cell import CELL_KEY, CELL_SUMS, GOAL, Cells
from living_personas.domain.goal import DAY, Goal, Guardrail
from living_personas.domain.persona import EVER, Attribute, Persona
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines import sql_engine
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.duckdb.session import Session
from living_personas.engines.expressions.metric_table import CAP_SCHEMA
from living_personas.errors import EngineError
from living_personas.stats.value_caps import CLASSES

ENGINE = DuckDBEngine(threads=2)
ZONE = ZoneInfo("Europe/Amsterdam")
START = datetime(2026, 3, 27, 22, tzinfo=UTC)  # the clocks of the zone go forward on 29 March
FIRST, LAST = date(2026, 3, 27), date(2026, 4, 6)
PASS = 3
"""Days that one pass takes where more are asked for; three are as good as a month."""
LASTS = {("spender's", "framing"): 6, ("spender's", "tone"): 0, ("reader", "framing"): 0}
"""For how many days after its first one an epoch that is named by a day goes on."""

STEPS = 2.0**42
"""In how many steps a value of 1 is counted whose cap is 10."""
PROPERTY = 'reve"nue./~é$'

Row = dict[str, object]

PERSONAS = (
    Persona(
        id="spender's",
        name="Spender",
        who="true",
        attributes=(
            Attribute(name="framing", options=("a", "b'"), believed="a", assign="week"),
            Attribute(name="tone", options=("a", "b'"), believed="a", assign="day"),
        ),
        goal=Goal(event="bought", within=timedelta(days=2), value=PROPERTY, at_most=10.0),
        guardrails=(
            Guardrail(metric="left", event="left", within=timedelta(days=1), points=0.1),
            Guardrail(
                metric="small", event="bought", value=PROPERTY, at_most=0.3, within=timedelta(hours=30), share=0.1
            ),
        ),
    ),
    Persona(
        id="reader",
        name="Reader",
        who="true",
        goal=Goal(event="bought", within=timedelta(hours=36)),
        attributes=(
            Attribute(name="framing", options=("a", "b'"), believed="a", assign="day"),
            Attribute(name="tone", options=("a", "b'"), believed="a", assign="visit"),
        ),
    ),
)


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


DayCaps = dict[date, float | None]
"""The most that the units of some days count for, for the goal of the spender; None: they do not count."""


def day_caps() -> st.SearchStrategy[DayCaps]:
    days = st.integers(0, (LAST - FIRST).days).map(lambda number: FIRST + number * DAY)
    return st.dictionaries(days, st.sampled_from([None, 0.25, 3.0, 12.0]), max_size=4)


def folded(
    units: Sequence[Row],
    outcomes: Sequence[Row],
    links: dict[str, str],
    first: date = FIRST,
    last: date = LAST,
    *,
    caps: DayCaps | None = None,
) -> Cells:
    frozen = [{"persona": "spender's", "metric": GOAL, "cohort": day, "cap": cap} for day, cap in (caps or {}).items()]
    return ENGINE.fold(
        first,
        last,
        units=pa.Table.from_pylist(list(units), schema=UNIT_SCHEMA),
        events=pa.Table.from_pylist(list(outcomes), schema=EVENT_SCHEMA),
        links=links_of(links),
        personas=PERSONAS,
        caps=pa.Table.from_pylist(frozen, schema=CAP_SCHEMA) if caps is not None else None,
    )


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


def write(folder: Path, rows: Sequence[Row], schema: pa.Schema, name: str) -> str:
    path = folder / f"{name}.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), path)
    return str(path)


def test_more_days_than_one_pass_takes_are_those_of_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units and what they did lie on both sides of where one pass ends and the next begins."""
    monkeypatch.setattr(sql_engine, "DAYS", PASS)
    starts = [START + timedelta(days=number) for number in range(2 * PASS + 5)]
    units = [unit(customer=f"c{n}", time=start) for n, start in enumerate(starts)]
    outcomes = [
        outcome(customer=f"c{n}", message_id=f"{n} {hours}", time=start + timedelta(hours=hours))
        for n, start in enumerate(starts)
        for hours in (2, 30, 50)
    ]
    end = FIRST + timedelta(days=2 * PASS + 9)
    each = [folded(units, outcomes, {}, day, day) for day in (FIRST + n * DAY for n in range((end - FIRST).days + 1))]
    whole = folded(units, outcomes, {}, FIRST, end)
    assert whole.table.equals(pa.concat_tables(cells.table for cells in each))
    assert len({row["outcome_day"] for row in whole.table.to_pylist()}) > 2 * PASS


def test_decades_without_anything_are_no_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for all days there ever were begins with the first unit, and ends with the last thing done."""
    passes = list[dict[str, date]]()
    tell = Session.tell

    def told(talk: Session, **days: date) -> None:
        passes.extend([days] if days else [])
        tell(talk, **days)

    monkeypatch.setattr(Session, "tell", told)
    for units, outcomes in (([unit()], [outcome()]), ([unit()], []), ([], [outcome()]), ([], [])):
        passes.clear()
        ever = folded(units, outcomes, {}, EVER, date(2200, 1, 1))
        assert len(passes) == 1
        assert ever.table.equals(folded(units, outcomes, {}).table)


def test_paths_are_taken_literally(tmp_path: Path) -> None:
    """A star in a path is a star, and a folder that looks like a partition is a folder."""
    folder = tmp_path / "day=2020-01-01"
    folder.mkdir()
    for name, customer in (("*", "ann"), ("decoy", "bob")):
        write(folder, [unit(customer=customer)], UNIT_SCHEMA, f"units {name}")
        write(folder, [outcome(customer=customer)], EVENT_SCHEMA, f"events {name}")
    units, events = (str(folder / f"{kind} *.parquet") for kind in ("units", "events"))
    found = ENGINE.fold(FIRST, LAST, units=(units,), events=(events,), links=links_of({}), personas=PERSONAS)
    assert found.table.equals(folded([unit()], [outcome()], {}).table)


def test_sums_are_exact_whatever_their_order() -> None:
    """A thousand tenths: as doubles, added up one after another, they would depend on their order."""
    units = [unit(customer=f"c{number}") for number in range(1000)]
    outcomes = [
        outcome(customer=f"c{number}", message_id=str(number), properties=json.dumps({PROPERTY: number / 10}))
        for number in range(1000)
    ]
    cells = [folded(units, rows, {}).table for rows in (outcomes, outcomes[::-1], outcomes[500:] + outcomes[:500])]
    assert cells[0].equals(cells[1])
    assert cells[0].equals(cells[2])
    goals = [row for row in cells[0].to_pylist() if row["metric"] == GOAL]
    n, s, total, squares = (sum(row[name] for row in goals) for name in CELL_SUMS)
    assert (n, s) == (1000, 1000)
    assert total == pytest.approx(sum(min(number / 10, 10) for number in range(1000)), rel=1e-13)
    assert squares == pytest.approx(sum(min(number / 10, 10) ** 2 for number in range(1000)), rel=1e-13)


def test_an_outcome_counts_for_every_unit_that_waits_for_it() -> None:
    """Whosoever's persona it is, and at the instant of the next exposure, too."""
    then = START + timedelta(hours=3)
    units = [
        unit(persona="spender's", epoch="1", option="a"),
        unit(persona="reader", epoch="2", option="b", time=then),
        unit(persona="spender's", epoch="3", option="c", time=then),
        unit(persona="spender's", epoch="4", option="d", time=then + timedelta(microseconds=1)),
    ]
    for order in (units, units[::-1]):
        table = folded(order, [outcome(time=then)], {}).table.to_pylist()
        assert sorted(row["option"] for row in table if row["metric"] == GOAL and row["s"]) == ["a", "b", "c"]


def test_two_units_of_an_epoch_that_a_link_made_one_customers_count_each() -> None:
    units = [unit(option="a"), unit(customer="anonymous", option="b")]
    table = folded(units, [outcome()], {"anonymous": "ann"}).table.to_pylist()
    goals = [row for row in table if row["metric"] == GOAL]
    for option in ("a", "b"):
        assert [sum(row[name] for row in goals if row["option"] == option) for name in ("n", "s")] == [1, 1]


def test_a_week_waits_from_its_seventh_day_on() -> None:
    """The same epoch met on Monday and on Sunday waits for the same outcomes: until two days after Sunday."""
    monday = datetime(2026, 3, 30, 8, tzinfo=UTC)
    ends = datetime(2026, 4, 7, 22, tzinfo=UTC)  # midnight after Tuesday
    for met in (monday, monday + timedelta(days=6)):
        waiting = [unit(epoch="2026-03-30", time=met)]
        for bought, counts in ((ends - timedelta(seconds=1), 1), (ends, 0)):
            found = folded(waiting, [outcome(time=bought)], {}, last=date(2026, 4, 20)).table.to_pylist()
            assert sum(row["s"] for row in found if row["metric"] == GOAL) == counts


def test_what_was_paid_back_was_not_won() -> None:
    paid = [outcome(message_id="1"), outcome(message_id="2", time=START + timedelta(hours=3), properties=refund(-8))]
    found = [row for row in folded([unit()], paid, {}).table.to_pylist() if row["metric"] == GOAL]
    assert sum(row["s"] for row in found) == 1
    assert sum(row["sum"] for row in found) == 0.0
    first = folded([unit()], [outcome(properties=refund(-8))], {}).table.to_pylist()
    assert sum(row["sum"] for row in first) == 0.0


def refund(amount: float) -> str:
    return json.dumps({PROPERTY: amount})


def test_a_day_of_23_hours_does_not_lengthen_the_window() -> None:
    """48 hours after half past eleven on the eve of the change end on the third local day, one hour too late."""
    exposed = datetime(2026, 3, 27, 22, 30, tzinfo=UTC)  # 23:30 local; the horizon of two days ends with 29 March
    units = [unit(time=exposed)]
    on_the_edge = outcome(time=exposed + timedelta(hours=48))  # 00:30 local on 30 March
    before_it = outcome(time=exposed + timedelta(hours=47, minutes=29))
    assert on_the_edge["day"] == date(2026, 3, 30)
    assert sum(row["s"] for row in folded(units, [on_the_edge], {}).table.to_pylist()) == 0
    assert sum(row["s"] for row in folded(units, [before_it], {}).table.to_pylist()) == 1


def test_a_guardrail_on_a_value_needs_a_bound() -> None:
    rail = Guardrail(metric="margin", event="bought", value="margin", share=0.1)
    persona = Persona(id="p", name="P", who="true", goal=PERSONAS[1].goal, guardrails=(rail,))
    with pytest.raises(EngineError, match="at_most"):
        ENGINE.fold(FIRST, LAST, units=(), events=(), links=links_of({}), personas=[persona])


def test_nothing_folds_to_nothing() -> None:
    assert len(ENGINE.fold(FIRST, LAST, units=(), events=(), links=links_of({}), personas=PERSONAS)) == 0
    assert len(ENGINE.fold(FIRST, LAST, units=(), events=(), links=links_of({}), personas=())) == 0


def unit(**changes: object) -> Row:
    time = changes.get("time", START)
    assert isinstance(time, datetime)
    row: Row = {
        "customer": "ann",
        "persona": "spender's",
        "attribute": "framing",
        "epoch": "1",
        "option": "a",
        "cohort": time.astimezone(ZONE).date(),
        "time": time,
        "channel": "",
        "stratum": "",
        "policy": "p1",
        "propensity": 0.5,
        "holdout": False,
    }
    return row | changes


def outcome(**changes: object) -> Row:
    time = changes.get("time", START + timedelta(hours=1))
    assert isinstance(time, datetime)
    local = time.astimezone(ZONE)
    row: Row = {
        "message_id": "m",
        "customer": "ann",
        "also": "",
        "name": "bought",
        "time": time,
        "day": local.date(),
        "hour": local.hour,
        "channel": "",
        "properties": json.dumps({PROPERTY: 5}),
    }
    return row | changes
