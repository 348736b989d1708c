"""An outcome counts for every unit that waits for it: what options that only move people make of the cells."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.cell import GOAL, Cells
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.duckdb.engine import DuckDBEngine
from worlds.cells import FIRST, CellWorld, persona
from worlds.speed import OPTIONS, Credit, Movers

PERSONA = persona("p", days=7)


class Kept(Movers):
    """The same world, which keeps what it says."""

    cells = Cells.none()

    def __call__(self, number: int, day: date, snapshot: Snapshot) -> Cells:
        found = super().__call__(number, day, snapshot)
        self.cells += found
        return found


def lived(credit: Credit, *, days: int = 40) -> Kept:
    world = Kept("returns", credit=credit, personas=1, customers=4000, within=7, seed=4)
    CellWorld([PERSONA], world).run(days)
    return world


def test_the_fold_counts_as_the_world_does() -> None:
    world = lived("every unit", days=20)
    units = [
        dict.fromkeys(UNIT_SCHEMA.names, "")
        | {"customer": f"c{who}", "persona": "p", "attribute": "framing", "epoch": day.isoformat(), "cohort": day}
        | {"option": OPTIONS[option[0, who]], "time": moment(day, 9), "propensity": None, "holdout": False}
        for day, option, _ in world.lived
        for who in np.flatnonzero(option[0] >= 0)
    ]
    events = [
        dict.fromkeys(EVENT_SCHEMA.names, "")
        | {"message_id": f"{who} {day}", "customer": f"c{who}", "name": "Bought", "day": day, "hour": 23}
        | {"time": moment(day, 23), "properties": "{}"}
        for day, _, bought in world.lived
        for who in np.flatnonzero(bought[0])
    ]
    folded = DuckDBEngine(threads=2).fold(
        FIRST,
        world.lived[-1][0],
        units=pa.Table.from_pylist(units, schema=UNIT_SCHEMA),
        events=pa.Table.from_pylist(events, schema=EVENT_SCHEMA),
        links=pa.table({"id": pa.array([], pa.string()), "customer": pa.array([], pa.string())}),
        personas=[PERSONA],
    )
    assert len(folded.table) > 100
    assert sums(folded) == sums(world.cells)


def moment(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=UTC)


def sums(cells: Cells) -> dict[tuple[object, ...], tuple[float, float]]:
    rows = cells.table.group_by(["outcome_day", "cohort", "option"]).aggregate([("n", "sum"), ("s", "sum")]).to_pylist()
    found = {(r["outcome_day"], r["cohort"], r["option"]): (r["n_sum"], r["s_sum"]) for r in rows}
    return {key: both for key, both in found.items() if any(both)}


@pytest.mark.long
def test_who_is_only_brought_back_sooner_is_as_good_and_for_the_latest_unit_alone_would_be_worse() -> None:
    """Difference of the rates of the option that brings people back and of the others, in standard errors."""
    differ = {}
    rules: tuple[Credit, ...] = ("every unit", "latest unit")
    for rule in rules:
        table = lived(rule).cells.table
        goals = table.filter(pc.equal(table["metric"], GOAL))
        sooner = pc.equal(goals["option"], "o0")
        (n, s), (m, t) = (
            [pc.sum(goals.filter(side)[name]).as_py() for name in ("n", "s")] for side in (sooner, pc.invert(sooner))
        )
        pooled = (s + t) / (n + m)
        differ[rule] = (s / n - t / m) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    assert abs(differ["every unit"]) < 4
    assert differ["latest unit"] < -5
