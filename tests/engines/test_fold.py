"""Evidence is sums: the fold against a slow reading of its definition, and the laws it keeps."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.cell import CELL_KEY, CELL_SUMS, GOAL, Cells
from living_personas.domain.goal import DAY, Goal, Guardrail
from living_personas.domain.persona import Persona
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.duckdb import DuckDBEngine
from living_personas.errors import EngineError

ENGINE = DuckDBEngine(threads=2)
ZONE = ZoneInfo("Europe/Amsterdam")
START = datetime(2026, 3, 27, 22, tzinfo=UTC)  # the clocks of the zone go forward on 29 March
FIRST, LAST = date(2026, 3, 27), date(2026, 4, 6)
PROPERTY = 'reve"nue./~é$'

Row = dict[str, object]

PERSONAS = (
    Persona(
        id="spender's",
        name="Spender",
        who="true",
        goal=Goal(event="bought", within=timedelta(days=2), value=PROPERTY, at_most=10.0),
        guardrails=(
            Guardrail(metric="left", event="left", within=timedelta(days=1), points=0.1),
            Guardrail(
                metric="small", event="bought", value=PROPERTY, at_most=0.3, within=timedelta(hours=30), share=0.1
            ),
        ),
    ),
    Persona(id="reader", name="Reader", who="true", goal=Goal(event="bought", within=timedelta(hours=36))),
)


def moments() -> st.SearchStrategy[datetime]:
    """Few enough instants that ties and edges of windows happen often."""
    return st.integers(0, 9 * 4).map(lambda quarter: START + timedelta(hours=6) * quarter)


@st.composite
def unit_rows(draw: st.DrawFn) -> Row:
    time = draw(moments())
    return {
        "customer": draw(st.sampled_from(["ann", "bob", "anonymous"])),
        "persona": draw(st.sampled_from(["spender's", "reader", "unmatched"])),
        "attribute": draw(st.sampled_from(["framing", "tone"])),
        "epoch": draw(st.sampled_from(["1", "2"])),
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
        "customer": draw(st.sampled_from(["ann", "bob", "anonymous"])),
        "name": draw(st.sampled_from(["bought", "bought", "left", "seen"])),
        "time": time,
        "day": time.astimezone(ZONE).date(),
        "hour": time.astimezone(ZONE).hour,
        "channel": "",
        "also": "",
        "properties": json.dumps(draw(st.one_of(st.just({}), carried.map(lambda number: {PROPERTY: number})))),
    }


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Row], list[Row], dict[str, str]]:
    units = draw(st.lists(unit_rows(), max_size=8, unique_by=_key))
    outcomes = draw(st.lists(outcome_rows(), max_size=12))
    for index, row in enumerate(outcomes):
        row["message_id"] = f"m{index}"
    return units, outcomes, draw(st.sampled_from([{}, {"anonymous": "ann"}]))


def _key(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in ("customer", "attribute", "epoch"))


def folded(
    units: Sequence[Row], outcomes: Sequence[Row], links: dict[str, str], first: date = FIRST, last: date = LAST
) -> Cells:
    return ENGINE.fold(
        first,
        last,
        units=pa.Table.from_pylist(list(units), schema=UNIT_SCHEMA),
        events=pa.Table.from_pylist(list(outcomes), schema=EVENT_SCHEMA),
        links=linked(links),
        personas=PERSONAS,
    )


def linked(links: dict[str, str]) -> pa.Table:
    return pa.table({"id": pa.array(list(links), pa.string()), "customer": pa.array(list(links.values()), pa.string())})


def expected(
    units: Sequence[Row], outcomes: Sequence[Row], links: dict[str, str]
) -> dict[tuple[object, ...], list[float]]:
    """The definition, read aloud: every unit, every metric, every day, one after the other."""
    cells: dict[tuple[object, ...], list[float]] = defaultdict(lambda: [0, 0, 0.0, 0.0])
    personas = {persona.id: persona for persona in PERSONAS}
    for unit in units:
        if unit["persona"] not in personas:
            continue
        persona = personas[str(unit["persona"])]
        for metric, judged in [(GOAL, persona.goal), *((rail.metric, rail) for rail in persona.guardrails)]:
            mine = [row for row in outcomes if row["name"] == judged.event and owner(row, unit, units, links) is unit]
            counted = [row for row in mine if _in_time(row, unit, judged)]
            cell(cells, unit, metric, unit["cohort"])[0] += 1
            capped, total = 0.0, 0.0
            for number, day in enumerate(sorted({row["day"] for row in counted}, key=str)):
                of_day = [row for row in counted if row["day"] == day]
                into = cell(cells, unit, metric, day)
                total += sum(worth(row, judged.value) for row in of_day)
                known = min(max(total, 0.0), judged.at_most or 1.0)
                into[1] += number == 0
                into[2] += known - capped
                into[3] += known**2 - capped**2
                capped = known
    return {key: sums for key, sums in cells.items() if any(abs(number) > 1e-12 for number in sums)}


def cell(cells: dict[tuple[object, ...], list[float]], unit: Row, metric: str, day: object) -> list[float]:
    return cells[(day, *(metric if name == "metric" else unit[name] for name in CELL_KEY[1:]))]


def owner(outcome: Row, unit: Row, units: Sequence[Row], links: dict[str, str]) -> Row | None:
    """The latest unit of the outcome's customer and the attribute."""
    customer = links.get(str(outcome["customer"]), outcome["customer"])
    met = [
        other
        for other in units
        if links.get(str(other["customer"]), other["customer"]) == customer
        and other["attribute"] == unit["attribute"]
        and str(other["time"]) <= str(outcome["time"])
    ]
    ties = ("time", "epoch", "persona", "option", "channel", "policy", "cohort")
    return max(met, key=lambda other: [str(other[name]) for name in ties], default=None)


def _in_time(outcome: Row, unit: Row, judged: Goal | Guardrail) -> bool:
    waited = outcome["time"] - unit["time"]  # type: ignore[operator]  # both are datetimes
    return waited <= judged.within and (outcome["day"] - unit["cohort"]) <= judged.horizon_days * DAY  # type: ignore[operator]


def worth(outcome: Row, name: str | None) -> float:
    if name is None:
        return 1.0
    value = json.loads(str(outcome["properties"])).get(name)
    if isinstance(value, bool | list | dict) or value in (None, "1_0", "NaN", "inf", "x"):
        return 0.0
    return float(value)


@settings(max_examples=60)
@given(worlds())
def test_fold_is_its_definition(world: tuple[list[Row], list[Row], dict[str, str]]) -> None:
    found = {
        tuple(row[name] for name in CELL_KEY): [row[name] for name in CELL_SUMS]
        for row in folded(*world).table.to_pylist()
    }
    wanted = expected(*world)
    assert {key for key in found if key not in wanted and max(map(abs, found[key])) > 1e-9} == set()
    for key, sums in wanted.items():
        assert found.get(key, [0, 0, 0.0, 0.0]) == pytest.approx(sums, abs=1e-9)
