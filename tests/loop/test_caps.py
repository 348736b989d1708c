"""The cap of a goal that sums a value: fixed before units count, frozen day by day, the same however data came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from living_personas.domain.cell import GOAL
from living_personas.domain.event import Event
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Persona
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.learning.cap_state import capped_goals
from living_personas.loop.learning.caps import ROOM
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.records import ACCOUNTS, VALUE_CAPS
from living_personas.memory.tables import CAPS, CELLS
from living_personas.reporting.cap_words import cap_sentence, cap_warning
from loop.shops import DAY_ZERO, PERSONA, context_of, history, morning_after, near, noon

DAYS = 18


def spender(at_most: float | None = None) -> Persona:
    goal = Goal(event="Bought", within=timedelta(days=1), value="revenue", at_most=at_most)
    return replace(PERSONA, goal=goal, guardrails=())


def spent(events: list[Event], *, seed: int = 7) -> list[Event]:
    """The same events, with log-normal revenue on what was bought."""
    generator = np.random.Generator(np.random.PCG64(seed))
    return [
        replace(each, properties={"revenue": round(float(60 * np.exp(0.8 * generator.standard_normal())), 2)})
        if each.name == "Bought"
        else each
        for each in events
    ]


FEED = spent(history(range(DAYS), units=100, rates={"a": 0.2, "b": 0.2, "c": 0.2}))


def ran(context: Context, events: list[Event], *, through: int) -> Context:
    record(context, events, received=morning_after(through))
    cycle.run(context, now=morning_after(through), owner="test")
    return context


def in_one_go(persona: Persona) -> Context:
    return ran(context_of(persona), FEED, through=DAYS)


def day_by_day(persona: Persona) -> Context:
    context = context_of(persona)
    for day in range(DAYS + 1):
        ran(context, [each for each in FEED if noon(day, hours=-12) <= each.time < noon(day, hours=12)], through=day)
    return context


def goal_cells(context: Context) -> list[dict[str, Any]]:
    cells = table_of(CELLS.all(context.store), CELLS.schema)
    return list(cells.filter(pc.equal(cells["metric"], GOAL)).to_pylist())


def caps(context: Context) -> list[dict[str, Any]]:
    return list(table_of(CAPS.all(context.store), CAPS.schema).to_pylist())


@pytest.mark.long
def test_a_goal_without_a_cap_waits_says_so_and_begins_when_enough_values_were_seen() -> None:
    early = ran(context_of(spender()), [each for each in FEED if each.time < noon(5, hours=-12)], through=4)
    assert not goal_cells(early)
    assert "waits: 'revenue' has no `at_most`, which is fixed from the first 200 values" in cap_warning(
        capped_goals(early)[0]
    )
    context = in_one_go(spender())
    fixed = VALUE_CAPS.read(context.store, "buyer")
    assert fixed is not None
    assert fixed.values >= 200
    assert min(row["cohort"] for row in goal_cells(context)) == fixed.day > DAY_ZERO
    version = context.versions()[0]
    assert (version.persona.goal.at_most, version.standings[0].asked) == (fixed.at_most, fixed.day)
    before = [(e.properties or {})["revenue"] for e in FEED if e.name == "Bought" and e.time.date() < fixed.day]
    assert fixed.at_most == pytest.approx(ROOM * np.quantile(np.array(before, dtype=float), 0.99), rel=0.35)
    assert "fixed on" in cap_sentence(capped_goals(context)[0])


@pytest.mark.long
@pytest.mark.parametrize("at_most", [None, 5_000.0])
def test_caps_cells_and_accounts_are_the_same_day_by_day_and_in_one_go(at_most: float | None) -> None:
    one, other = in_one_go(spender(at_most)), day_by_day(spender(at_most))
    assert (caps(one), goal_cells(one)) == (caps(other), goal_cells(other))
    assert near(*(accounts for each in (one, other) for accounts in ACCOUNTS.all(each.store).values()))


def test_a_days_cap_is_lower_than_a_written_one_and_no_unit_counts_for_more() -> None:
    context = in_one_go(spender(5_000.0))
    known = {row["day"]: row for row in caps(context)}
    last = known[max(known)]
    assert last["n"] >= 200
    assert last["cap"] < 1_000
    assert cap_warning(capped_goals(context)[0]).startswith("`at_most: 5000` of 'buyer' is far above")
    for row in goal_cells(context):
        if row["s"]:
            assert row["sum"] <= row["s"] * known[row["cohort"]]["cap"] * (1 + 1e-9)


@pytest.mark.long
def test_late_data_change_no_cap_that_was_fixed() -> None:
    late = [each for each in FEED if each.name == "Bought" and each.time < noon(14, hours=-12)][::2]
    context = ran(context_of(spender(5_000.0)), [each for each in FEED if each not in late], through=DAYS)
    before, cells = caps(context), goal_cells(context)
    ran(context, late, through=DAYS)
    assert caps(context)[: len(before)] == before
    assert goal_cells(context) != cells


def test_a_cap_that_many_come_to_is_a_warning() -> None:
    found = capped_goals(in_one_go(spender(40.0)))[0]
    assert found.is_often_reached
    assert "come to its most, 40: what larger ones bring is not seen" in cap_warning(found)
