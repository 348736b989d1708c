"""What customers did since they entered, against a slow reading of its definition."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations_with_replacement

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.linking import whose
from living_personas.domain.batch import EVENT_SCHEMA, UNVOUCHED_MARKS
from living_personas.domain.entry import ENTRY_SCHEMA
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Persona
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.expressions.since_entry import SINCE_ENTRY_SCHEMA

ENGINE = DuckDBEngine(threads=2)
SINCE, THROUGH = date(2026, 5, 4), date(2026, 5, 20)
LOGGED = ("", "logged")
PERSONAS = (
    Persona(
        id="p",
        name="P",
        who="true",
        goal=Goal(event="bought", within=timedelta(days=2), value="revenue", at_most=10.0, from_browsers="review"),
    ),
    Persona(id="q", name="Q", who="true", goal=Goal(event="bought", within=timedelta(days=2))),
)

Row = dict[str, object]


def noon(day: date, hours: int = 0) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC) + timedelta(hours=hours)


@st.composite
def unit_rows(draw: st.DrawFn) -> Row:
    cohort = SINCE + timedelta(days=draw(st.integers(-3, 16)))
    return dict.fromkeys(UNIT_SCHEMA.names, "") | {
        "customer": draw(st.sampled_from(["ann", "anonymous", "bob", "eve"])),
        "persona": draw(st.sampled_from(["p", "p", "q", "unmatched"])),
        "attribute": "tone",
        "policy": draw(st.sampled_from(["one", "one", "two", *LOGGED])),
        "cohort": cohort,
        "time": noon(cohort),
        "propensity": 0.5,
        "holdout": draw(st.booleans()),
    }


@st.composite
def event_rows(draw: st.DrawFn) -> Row:
    day = SINCE + timedelta(days=draw(st.integers(-95, 20)))
    mark = draw(st.sampled_from(["", "", *UNVOUCHED_MARKS]))
    said = {"revenue": draw(st.sampled_from([4, -3, 12.5, -30, 0.25, None]))}
    return dict.fromkeys(EVENT_SCHEMA.names, "") | {
        "customer": draw(st.sampled_from(["ann", "anonymous", "bob", "eve", "stranger"])),
        "name": draw(st.sampled_from(["bought", "bought", "seen"])),
        "day": day,
        "time": noon(day, draw(st.integers(-2, 2))),
        "hour": 12,
        "properties": "{" + mark + ", " + json.dumps(said)[1:] if mark else json.dumps(said),
    }


Sums = dict[str, float]


def expected(units: Sequence[Row], events: Sequence[Row], links: dict[str, str]) -> dict[tuple[object, object], Sums]:
    """The definition, read aloud: one customer after the other."""
    found: dict[tuple[object, object], Sums] = defaultdict(lambda: defaultdict(float))
    for customer in {whose(row, links) for row in units}:
        entry = entry_of([row for row in units if whose(row, links) == customer])
        goal = next((persona.goal for persona in PERSONAS if entry and persona.id == entry["persona"]), None)
        if entry and goal:
            sums = found[entry["persona"], entry["holdout"]]
            numbers = lived(entry, goal, [row for row in events if whose(row, links) == customer])
            sums["customers"] += 1
            sums["outcomes"] += numbers.pop("outcomes")
            for name, number in numbers.items():
                sums[name] += number
            for a, b in combinations_with_replacement(numbers, 2):
                sums[a + b] += numbers[a] * numbers[b]
    return found


def entry_of(mine: Sequence[Row]) -> Row | None:
    """The first unit of a customer that was on one side only."""
    counted = [row for row in mine if row["policy"] not in LOGGED and str(row["cohort"]) >= str(SINCE)]
    one_side = len({row["holdout"] for row in counted}) == 1
    return min(counted, key=lambda row: (str(row["time"]), str(row["persona"]))) if one_side else None


def lived(entry: Row, goal: Goal, events: Sequence[Row]) -> Sums:
    cohort, met = entry["cohort"], entry["time"]
    assert isinstance(cohort, date)
    x, y, outcomes, before, days = (THROUGH - cohort).days + 1, 0.0, 0, 0.0, set()
    for row in events:
        day = row["day"]
        assert isinstance(day, date)
        recent = 1 <= (cohort - day).days <= 90
        if recent:
            days.add(day)
        if row["name"] == "bought" and (goal.from_browsers == "review" or not is_marked(row)):
            if str(row["time"]) >= str(met) and day <= THROUGH:
                y, outcomes = y + worth(row, goal), outcomes + 1
            before += recent * worth(row, goal)
    return {"x": x, "y": y, "u": before * x, "v": len(days) * x, "outcomes": outcomes}


def is_marked(row: Row) -> bool:
    return any(mark in str(row["properties"]) for mark in UNVOUCHED_MARKS)


def worth(row: Row, goal: Goal) -> float:
    if not goal.is_value:
        return 1.0
    most = goal.at_most or 0.0
    return max(min(json.loads(str(row["properties"]))["revenue"] or 0.0, most), -most)


def found(
    units: Sequence[Row], events: Sequence[Row], links: dict[str, str], before: pa.Table, **days: date
) -> pa.Table:
    return ENGINE.entries(
        days["first"],
        days["through"],
        units=pa.Table.from_pylist(units, schema=UNIT_SCHEMA),
        events=pa.Table.from_pylist(events, schema=EVENT_SCHEMA),
        links=link_table(links),
        personas=PERSONAS,
        logged=LOGGED,
        before=before,
    ).sort_by("customer")


def link_table(links: dict[str, str]) -> pa.Table:
    ids, customers = (pa.array(list(each), pa.string()) for each in (links, links.values()))
    return pa.table({"id": ids, "customer": customers})


def numbered(units: list[Row], events: list[Row]) -> None:
    for number, row in enumerate(units):
        row["epoch"] = str(number)
    for number, row in enumerate(events):
        row["message_id"] = str(number)


NOBODY = ENTRY_SCHEMA.empty_table()
some_units = st.lists(unit_rows(), min_size=1, max_size=7)
some_events = st.lists(event_rows(), max_size=20)
some_links = st.sampled_from([{}, {"anonymous": "ann"}])


@pytest.mark.long
@settings(max_examples=40)
@given(units=some_units, events=some_events, links=some_links)
def test_the_sums_are_their_definition(units: list[Row], events: list[Row], links: dict[str, str]) -> None:
    numbered(units, events)
    entries = found(units, events, links, NOBODY, first=SINCE, through=THROUGH)
    sums_found = ENGINE.since_entry(THROUGH, entries=entries, personas=PERSONAS)
    wanted = expected(units, events, links)
    assert {(row["persona"], row["holdout"]) for row in sums_found.to_pylist()} == set(wanted)
    for row in sums_found.to_pylist():
        sums = wanted[row["persona"], row["holdout"]]
        for name in SINCE_ENTRY_SCHEMA.names[2:]:
            assert row[name] == pytest.approx(sums[name], rel=1e-6, abs=1e-3)


@pytest.mark.long
@settings(max_examples=40)
@given(units=some_units, events=some_events, links=some_links, days=st.integers(-1, 18))
def test_some_days_and_those_after_are_all_days(
    units: list[Row], events: list[Row], links: dict[str, str], days: int
) -> None:
    """Who entered before, on both sides or as no persona, does not enter again; nothing is counted twice."""
    numbered(units, events)
    middle = SINCE + timedelta(days=days)
    before = found(units, events, links, NOBODY, first=SINCE, through=middle)
    after = found(units, events, links, before, first=middle + timedelta(days=1), through=THROUGH)
    assert after.equals(found(units, events, links, NOBODY, first=SINCE, through=THROUGH))


def test_nobody_sums_to_nothing() -> None:
    entries = found([], [], {}, NOBODY, first=SINCE, through=THROUGH)
    assert ENGINE.since_entry(THROUGH, entries=entries, personas=PERSONAS).num_rows == 0
    assert ENGINE.since_entry(THROUGH, entries=(), personas=PERSONAS).num_rows == 0
