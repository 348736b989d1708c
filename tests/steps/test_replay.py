"""State is a fold over cells and ledger: reckoned again, in any order, it is the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from living_personas import loop
from living_personas.domain.cell import Cells
from living_personas.domain.event import Event
from living_personas.domain.persona import Attribute
from living_personas.steps import calendar
from living_personas.steps.baseline import draw_baselines
from living_personas.steps.days import between
from living_personas.steps.learn import Books, learn_day, open_books
from living_personas.steps.parts import Parts
from steps.shops import (
    PERSONA,
    Shop,
    edited,
    history,
    morning_after,
    near,
    noon,
    parts_of,
    state_of,
)
from worlds.cells import FIRST, CellWorld, drawn, persona

BETTER = np.array([0.03, 0.03, 0.03, 0.06])


@pytest.fixture(scope="module")
def world() -> CellWorld:
    """Six personas in 25 days; some are corrected on the way, so that definitions begin on different days."""
    people = [persona(f"p{i}", days=1 + 2 * (i % 2)) for i in range(6)]
    lived = CellWorld(people, drawn(lambda _day: BETTER, seed=3)).run(25)
    assert len(lived.corrected) > 0
    return lived


def again(parts: Parts, days: int) -> tuple[Books, ...]:
    books = open_books(parts.versions())
    for day in between(FIRST, FIRST + timedelta(days=days - 1)):
        books = tuple(learn_day(parts, each, day)[0] for each in books)
    return books


def with_cells(world: CellWorld, change: Callable[[pa.Table], pa.Table]) -> None:
    days = world.parts.store.partitions.days("cells")
    held = {day: world.parts.store.partitions.read("cells", day, day) for day in days}
    world.parts.store.partitions.replace(
        "cells", {day: change(table) for day, table in held.items() if isinstance(table, pa.Table)}
    )


def all_near(one: tuple[Books, ...], other: tuple[Books, ...]) -> bool:
    return all(near(a.accounts, b.accounts) for a, b in zip(one, other, strict=True))


def test_reckoned_again_it_is_the_same(world: CellWorld) -> None:
    assert all_near(again(world.parts, world.days), world.books)


def test_permuted_and_cut_cells_are_the_same(world: CellWorld) -> None:
    store = world.parts.store.partitions
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
    assert all_near(again(world.parts, world.days), world.books)
    store.replace("cells", {day: table for day, table in original.items() if isinstance(table, pa.Table)})


def test_cells_that_come_late_are_as_if_they_had_come_in_time(world: CellWorld) -> None:
    days = world.parts.store.partitions.days("cells")
    held = {day: world.parts.store.partitions.read("cells", day, day) for day in days}
    with_cells(world, lambda table: table.slice(0, table.num_rows - 3))
    assert not all_near(again(world.parts, world.days), world.books)
    with_cells(world, lambda table: table)
    late = {
        day: (Cells(table=whole.slice(0, whole.num_rows - 3)) + Cells(table=whole.slice(whole.num_rows - 3))).table
        for day, whole in held.items()
        if isinstance(whole, pa.Table)
    }
    world.parts.store.partitions.replace("cells", late)
    assert all_near(again(world.parts, world.days), world.books)


def test_with_nothing_new_a_second_run_changes_nothing() -> None:
    parts = parts_of()
    loop.record(parts, history(range(4)), received=noon(5))
    loop.run(parts, now=morning_after(5), owner="w")
    before = state_of(parts.store)
    cycle = loop.run(parts, now=morning_after(5), owner="w")
    assert (cycle.days, cycle.refinements) == ((), ())
    assert state_of(parts.store) == before


def split_in_time(late: list[Event], early: list[Event]) -> tuple[Parts, Parts]:
    """The same events, all at once and in two parts with a run between."""
    whole, parted = parts_of(), parts_of()
    loop.record(whole, [*early, *late], received=noon(5))
    loop.run(whole, now=morning_after(5), owner="w")
    loop.record(parted, early, received=noon(5))
    loop.run(parted, now=morning_after(5), owner="w")
    before = {v.id: parted.store.versions.history(v.id) for v in parted.store.versions.latest()}
    loop.record(parted, late, received=noon(6))
    loop.run(parted, now=morning_after(5), owner="w")
    assert {v.id: parted.store.versions.history(v.id) for v in parted.store.versions.latest()} == before
    return whole, parted


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
    books = calendar.kept_books(parted)
    assert all(near(a.accounts, b.accounts) for a, b in zip(books, from_scratch(parted), strict=True))


def from_scratch(parts: Parts) -> tuple[Books, ...]:
    closed, started = calendar.closed_through(parts), parts.day_fact(calendar.STARTED)
    assert closed
    assert started
    books = open_books(parts.versions())
    for day in between(started, closed):
        books = tuple(learn_day(parts, each, day)[0] for each in books)
    return books


def test_a_correction_stands_when_late_events_change_what_it_rested_on() -> None:
    chance = {"a": 0.1, "b": 0.3, "c": 0.1}
    shop = Shop(parts_of(), lambda option, _day, rng: {"Bought": None} if rng.random() < chance[option] else {})
    shop.live(8)
    assert shop.value() == "b"
    before = shop.parts.store.versions.history("buyer")
    late = [Event(message_id=f"late-{n}", customer=f"u{n}", name="Bought", time=noon(1, hours=2)) for n in range(300)]
    loop.record(shop.parts, late, received=noon(8))
    loop.run(shop.parts, now=morning_after(7), owner="w")
    assert shop.parts.store.versions.history("buyer") == before
    books = calendar.kept_books(shop.parts)
    assert all(near(a.accounts, b.accounts) for a, b in zip(books, from_scratch(shop.parts), strict=True))


def test_an_edited_belief_starts_anew_and_another_run_changes_nothing() -> None:
    parts = parts_of()
    loop.record(parts, history(range(6)), received=noon(6))
    loop.run(parts, now=morning_after(3), owner="w", until=noon(3).date())
    changed = replace(PERSONA, attributes=(replace(PERSONA.attributes[0], believed="c"),))
    parts = edited(parts, changed)
    loop.run(parts, now=morning_after(6), owner="w")
    first, second = parts.store.versions.history("buyer")[:2]
    assert (second.kind, second.standing("framing").since) == ("edited", noon(4).date())
    assert first.standing("framing").value == "a"
    state = state_of(parts.store)
    loop.run(parts, now=morning_after(6), owner="w")
    assert state_of(parts.store) == state


def test_reckoned_again_after_an_edit_of_the_options_it_is_the_same() -> None:
    parts = parts_of()
    loop.record(parts, history(range(6)), received=noon(6))
    loop.run(parts, now=morning_after(3), owner="w", until=noon(3).date())
    fewer = Attribute(name="framing", options=("a", "b"), believed="a", assign="day")
    parts = edited(parts, replace(PERSONA, attributes=(fewer,)))
    loop.run(parts, now=morning_after(6), owner="w")
    books = calendar.kept_books(parts)
    assert all(near(a.accounts, b.accounts) for a, b in zip(books, from_scratch(parts), strict=True))


def test_a_persona_that_only_describes_lives_too() -> None:
    """No attribute of its horizon: no bets, and no crash."""
    only = replace(PERSONA, id="reader", attributes=(), goal=replace(PERSONA.goal, within=timedelta(days=3)))
    parts = parts_of(PERSONA, only)
    loop.record(parts, history(range(3)), received=noon(4))
    assert loop.run(parts, now=morning_after(4), owner="w").days


def test_late_events_count_though_a_baseline_saw_them_first() -> None:
    events = history(range(3), units=60)
    late = [event for index, event in enumerate(events) if event.name == "Bought" and index % 3 == 0]
    found = []
    for draws in (False, True):
        parts = parts_of()
        loop.record(parts, [event for event in events if event not in late], received=noon(4))
        loop.run(parts, now=morning_after(3), owner="w")
        loop.record(parts, late, received=noon(4))
        if draws:
            draw_baselines(parts)
        loop.run(parts, now=morning_after(4), owner="w")
        found.append([parts.store.facts.get(key) for key in parts.store.facts.keys(calendar.ACCOUNTS)])
    assert found[0]
    assert found[0] == found[1]
