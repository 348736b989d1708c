"""State is a fold over cells and ledger: reckoned again, in any order, it is the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from living_personas.domain.cell import Cells
from living_personas.domain.event import Event
from living_personas.domain.persona import Assign, Attribute
from living_personas.loop import closing, cycle
from living_personas.loop.context import Context
from living_personas.loop.corrections.baselines import draw_baselines
from living_personas.loop.days import between
from living_personas.loop.learning.checkpoints import checkpoint_before, forget_checkpoints
from living_personas.loop.learning.learn import EvidenceState, learn_day, opened_states
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.account_blocks import block_of
from living_personas.memory.records import ACCOUNTS, CREDIT, STARTED, TOTALS_MADE
from living_personas.memory.tables import CELLS
from living_personas.ports import Store
from loop.shops import (
    PERSONA,
    Shop,
    context_of,
    edited,
    history,
    morning_after,
    near,
    noon,
    state_of,
)
from worlds.cells import FIRST, CellWorld, drawn, persona

BETTER = np.array([0.03, 0.03, 0.03, 0.06])


def BUYS(option: str, day: int, rng: np.random.Generator) -> dict[str, float | None]:  # noqa: N802
    return {"Bought": None} if rng.random() < (0.6 if option == "b" else 0.3) else {}


@pytest.fixture(scope="module")
def world() -> CellWorld:
    """Six personas in 25 days; some are corrected on the way, so that definitions begin on different days."""
    people = [persona(f"p{i}", days=1 + 2 * (i % 2)) for i in range(6)]
    lived = CellWorld(people, drawn(lambda _day: BETTER, seed=3)).run(25)
    assert len(lived.corrected) > 0
    return lived


def again(context: Context, days: int) -> tuple[EvidenceState, ...]:
    states = opened_states(context.versions())
    for day in between(FIRST, FIRST + timedelta(days=days - 1)):
        states = tuple(
            learn_day(context.store, each, day, half_life=context.settings.half_life_days)[0] for each in states
        )
    return states


def with_cells(world: CellWorld, change: Callable[[pa.Table], pa.Table]) -> None:
    days = world.context.store.partitions.days("cells")
    held = {day: world.context.store.partitions.read("cells", day, day) for day in days}
    world.context.store.partitions.replace(
        "cells", {day: change(table) for day, table in held.items() if isinstance(table, pa.Table)}
    )


def all_near(one: tuple[EvidenceState, ...], other: tuple[EvidenceState, ...]) -> bool:
    return all(near(a.accounts, b.accounts) for a, b in zip(one, other, strict=True))


def test_reckoned_again_it_is_the_same(world: CellWorld) -> None:
    assert all_near(again(world.context, world.days), world.states)


@pytest.mark.promise("P10")
def test_permuted_and_cut_cells_are_the_same(world: CellWorld) -> None:
    store = world.context.store.partitions
    original = {day: store.read("cells", day, day) for day in store.days("cells")}

    def torn(table: pa.Table) -> pa.Table:
        order = np.random.Generator(np.random.PCG64(1)).permutation(table.num_rows)
        one = table.set_column(table.schema.get_field_index("n"), "n", pa.array([0] * table.num_rows, pa.int64()))
        rest = table
        for name in ("s", "sum", "sum_sq"):
            index = table.schema.get_field_index(name)
            rest = rest.set_column(index, name, pa.array([0] * table.num_rows).cast(table.schema.field(name).type))
        return pa.concat_tables([one.cast(table.schema), rest.cast(table.schema)]).take(
            np.concatenate([order, order + table.num_rows])
        )

    with_cells(world, torn)
    assert all_near(again(world.context, world.days), world.states)
    store.replace("cells", {day: table for day, table in original.items() if isinstance(table, pa.Table)})


@pytest.mark.promise("P10")
def test_cells_that_come_late_are_as_if_they_had_come_in_time(world: CellWorld) -> None:
    days = world.context.store.partitions.days("cells")
    held = {day: world.context.store.partitions.read("cells", day, day) for day in days}
    with_cells(world, lambda table: table.slice(0, table.num_rows - 3))
    assert not all_near(again(world.context, world.days), world.states)
    with_cells(world, lambda table: table)
    late = {
        day: (Cells(table=whole.slice(0, whole.num_rows - 3)) + Cells(table=whole.slice(whole.num_rows - 3))).table
        for day, whole in held.items()
        if isinstance(whole, pa.Table)
    }
    world.context.store.partitions.replace("cells", late)
    assert all_near(again(world.context, world.days), world.states)


def test_with_nothing_new_a_second_run_changes_nothing() -> None:
    context = context_of()
    record(context, history(range(4)), received=noon(5))
    cycle.run(context, now=morning_after(5), owner="w")
    before = state_of(context.store)
    done = cycle.run(context, now=morning_after(5), owner="w")
    assert (done.days, done.refinements) == ((), ())
    assert state_of(context.store) == before


def split_in_time(late: list[Event], early: list[Event]) -> tuple[Context, Context]:
    """The same events, all at once and in two parts with a run between."""
    whole, parted = context_of(), context_of()
    record(whole, [*early, *late], received=noon(5))
    cycle.run(whole, now=morning_after(5), owner="w")
    record(parted, early, received=noon(5))
    cycle.run(parted, now=morning_after(5), owner="w")
    before = {v.id: parted.store.versions.history(v.id) for v in parted.store.versions.latest()}
    record(parted, late, received=noon(6))
    cycle.run(parted, now=morning_after(5), owner="w")
    assert {v.id: parted.store.versions.history(v.id) for v in parted.store.versions.latest()} == before
    return whole, parted


@pytest.mark.long
@pytest.mark.parametrize("late_is", ["outcomes", "exposures", "both"])
def test_late_events_change_counts_as_if_they_had_come_in_time(late_is: str) -> None:
    """Cells are equal; bets that were placed are not, for they were placed."""
    events = history(range(5))
    belongs = {"outcomes": ("Bought",), "exposures": ("Persona Exposed",), "both": ("Bought", "Persona Exposed")}
    keep_first = {event.message_id for event in events if event.time < noon(0, hours=2)}
    late = [
        event
        for index, event in enumerate(events)
        if event.name in belongs[late_is] and index % 5 == 0 and event.message_id not in keep_first
    ]
    whole, parted = split_in_time(late, [event for event in events if event not in late])
    here, there = state_of(whole.store), state_of(parted.store)
    for key in here:
        if key.startswith("cells/"):
            one, other = here[key], there[key]
            assert isinstance(one, pa.Table)
            assert isinstance(other, pa.Table)
            assert one.sort_by([(n, "ascending") for n in one.schema.names[:9]]).equals(
                other.sort_by([(n, "ascending") for n in other.schema.names[:9]])
            )
    states = closing.kept_states(parted)
    assert all(near(a.accounts, b.accounts) for a, b in zip(states, from_scratch(parted), strict=True))


def from_scratch(context: Context) -> tuple[EvidenceState, ...]:
    closed, started = closing.closed_through(context), STARTED.read(context.store)
    assert closed
    assert started
    states = opened_states(context.versions())
    for day in between(started, closed):
        states = tuple(
            learn_day(context.store, each, day, half_life=context.settings.half_life_days)[0] for each in states
        )
    return states


@pytest.mark.long
@pytest.mark.promise("P10")
def test_a_correction_stands_when_late_events_change_what_it_rested_on() -> None:
    chance = {"a": 0.1, "b": 0.3, "c": 0.1}
    shop = Shop(context_of(), lambda option, _day, rng: {"Bought": None} if rng.random() < chance[option] else {})
    shop.live(8)
    assert shop.value() == "b"
    before = shop.context.store.versions.history("buyer")
    late = [Event(message_id=f"late-{n}", customer=f"u{n}", name="Bought", time=noon(1, hours=2)) for n in range(300)]
    record(shop.context, late, received=noon(8))
    cycle.run(shop.context, now=morning_after(7), owner="w")
    assert shop.context.store.versions.history("buyer") == before
    states = closing.kept_states(shop.context)
    assert all(near(a.accounts, b.accounts) for a, b in zip(states, from_scratch(shop.context), strict=True))


def test_an_edited_belief_starts_anew_and_another_run_changes_nothing() -> None:
    context = context_of()
    record(context, history(range(6)), received=noon(6))
    cycle.run(context, now=morning_after(3), owner="w", until=noon(3).date())
    changed = replace(PERSONA, attributes=(replace(PERSONA.attributes[0], believed="c"),))
    context = edited(context, changed)
    cycle.run(context, now=morning_after(6), owner="w")
    first, second = context.store.versions.history("buyer")[:2]
    assert (second.kind, second.standing("framing").since) == ("edited", noon(4).date())
    assert first.standing("framing").value == "a"
    state = state_of(context.store)
    cycle.run(context, now=morning_after(6), owner="w")
    assert state_of(context.store) == state


def test_reckoned_again_after_an_edit_of_the_options_it_is_the_same() -> None:
    context = context_of()
    record(context, history(range(6)), received=noon(6))
    cycle.run(context, now=morning_after(3), owner="w", until=noon(3).date())
    fewer = Attribute(name="framing", options=("a", "b"), believed="a", assign="day")
    context = edited(context, replace(PERSONA, attributes=(fewer,)))
    cycle.run(context, now=morning_after(6), owner="w")
    states = closing.kept_states(context)
    assert all(near(a.accounts, b.accounts) for a, b in zip(states, from_scratch(context), strict=True))


@pytest.mark.long
@pytest.mark.parametrize("assign", ["day", "week"])
def test_a_workspace_of_the_former_rule_is_reckoned_anew(assign: Assign) -> None:
    """Its cells count outcomes for the latest unit alone, and its accounts are called by the horizon."""
    [framing] = PERSONA.attributes
    repeated = replace(PERSONA, attributes=(replace(framing, assign=assign),), guardrails=())
    wanted, mended = (Shop(context_of(repeated), BUYS, customers=60).live(12) for _ in range(2))
    store = mended.context.store
    [(name, accounts)] = ACCOUNTS.all(store).items()
    days = CELLS.days(store)
    CELLS.replace(store, {day: table_of(CELLS.read(store, day, day), CELLS.schema).slice(1) for day in days})
    ACCOUNTS.write_all(store, {name: None, "1": accounts})
    CREDIT.write(store, None)
    assert [each.wait for each in closing.kept_states(mended.context)] == [1]
    for shop in (wanted, mended):
        shop.live(1)
    assert _without_checkpoints(store) == _without_checkpoints(wanted.context.store)
    assert [each.wait for each in closing.kept_states(mended.context)] == [1 + 6 * (assign == "week")]


@pytest.mark.long
def test_late_data_replay_from_a_checkpoint_as_from_the_beginning() -> None:
    """Also where a correction lies between; the control has no checkpoints."""
    from_there, from_the_start = (Shop(context_of(PERSONA), BUYS, customers=40).live(40) for _ in range(2))
    assert from_there.value() == "b"
    for late in (30, 9, 1):
        assert checkpoint_before(from_there.context.store, noon(40 - late).date()) is not None
        forget_checkpoints(from_the_start.context.store)
        for shop in (from_there, from_the_start):
            at = noon(40 - late, hours=3)
            bought = Event(message_id=f"late {late}", customer="u1", name="Bought", time=at, properties={})
            record(shop.context, [bought], received=noon(40))
            cycle.run(shop.context, now=noon(40), owner="w")
        assert _without_checkpoints(from_there.context.store) == _without_checkpoints(from_the_start.context.store)


def _without_checkpoints(store: Store) -> dict[str, object]:
    """All that a workspace holds, but etags, and checkpoints, which name the version that was the newest."""
    held = state_of(store) | {TOTALS_MADE.key: None}
    return {name: each for name, each in held.items() if not name.startswith("checkpoint")}


def test_a_persona_that_only_describes_lives_too() -> None:
    """No attribute of its horizon: no bets, and no crash."""
    only = replace(PERSONA, id="reader", attributes=(), goal=replace(PERSONA.goal, within=timedelta(days=3)))
    context = context_of(PERSONA, only)
    record(context, history(range(3)), received=noon(4))
    assert cycle.run(context, now=morning_after(4), owner="w").days


def test_late_events_count_though_a_baseline_saw_them_first() -> None:
    events = history(range(3), units=60)
    late = [event for index, event in enumerate(events) if event.name == "Bought" and index % 3 == 0]
    found = []
    for draws in (False, True):
        context = context_of()
        record(context, [event for event in events if event not in late], received=noon(4))
        cycle.run(context, now=morning_after(3), owner="w")
        record(context, late, received=noon(4))
        if draws:
            draw_baselines(context)
        cycle.run(context, now=morning_after(4), owner="w")
        found.append([block_of(each) for each in ACCOUNTS.all(context.store).values()])
    assert found[0]
    assert found[0] == found[1]
