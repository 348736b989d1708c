"""When would we know? The beliefs of a workspace, lived many times over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from living_personas.demo.knowing import when_known
from living_personas.demo.side_by_side import CellWorld
from living_personas.domain.cell import Cells
from living_personas.domain.settings import Settings
from living_personas.domain.snapshot import Snapshot
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop import closing
from living_personas.loop.context import Context
from living_personas.wiring import context_in_memory
from worlds.cells import drawn, persona

SETTINGS = Settings(name="shop", salt="the salt of the shop", holdout=0.0)


def learned(*, units_a_day: int, rate: float, options: tuple[str, ...] = ("a", "b", "c")) -> Context:
    """A workspace whose evidence has seen a fortnight of traffic."""
    written = (persona("one", options=options), persona("two", options=options))
    world = CellWorld(written, drawn(lambda _day: np.full(len(options), rate), units_a_day=units_a_day), SETTINGS)
    world.run(14)
    closing.keep_states(world.context, world.states)
    return world.context


def test_most_lives_come_to_the_right_correction_and_the_plan_is_near_their_median() -> None:
    context = learned(units_a_day=2_000, rate=0.1)
    for known in when_known(context, lift=0.5, replicates=30, horizon_days=40):
        assert known.replicates == 30
        assert known.units_a_day == pytest.approx(2_000, rel=0.1)
        assert known.decided > 0.9
        assert known.wrong <= 0.1
        assert known.median_days is not None
        assert known.planned_days / 3 <= known.median_days <= known.planned_days * 3 + 1


@pytest.mark.long
def test_the_same_seed_lives_the_same_lives_and_a_larger_lift_is_known_sooner() -> None:
    context = learned(units_a_day=1_000, rate=0.1)
    one, again, other = (
        when_known(context, lift=lift, replicates=20, horizon_days=60, seed=3) for lift in (0.3, 0.3, 1.0)
    )
    assert one == again
    for slow, fast in zip(one, other, strict=True):
        assert (fast.median_days or 0) <= (slow.median_days or 61)


def test_small_lifts_are_honestly_not_known() -> None:
    (known, _) = when_known(learned(units_a_day=50, rate=0.02), lift=0.05, replicates=10, horizon_days=10)
    assert known.median_days is None
    assert known.p90_days is None
    assert known.decided == 0


def test_the_best_option_is_not_always_the_same_and_options_may_differ_in_number() -> None:
    written = (persona("one", options=("a", "b")), persona("two", options=("a", "b", "c", "d")))
    one = drawn(lambda _day: np.full((1, 2), 0.1), units_a_day=2_000)
    two = drawn(lambda _day: np.full((1, 4), 0.1), units_a_day=2_000)

    def supply(number: int, day: date, snapshot: Snapshot) -> Cells:
        first, second = snapshot.personas
        parts = [(one, first), (two, second)]
        cells = [each(number, day, _only(snapshot, wanted.persona)) for each, wanted in parts]
        return cells[0] + cells[1]

    world = CellWorld(written, supply, SETTINGS)
    world.run(14)
    closing.keep_states(world.context, world.states)
    found = when_known(world.context, lift=0.5, replicates=20, horizon_days=40)
    assert [each.subject.persona for each in found] == ["one", "two"]
    assert all(each.decided > 0.8 for each in found)


def _only(snapshot: Snapshot, name: str) -> Snapshot:
    return replace(snapshot, personas=tuple(each for each in snapshot.personas if each.persona == name))


@pytest.mark.parametrize(("lift", "replicates"), [(0.0, 10), (-0.5, 10), (20.0, 10), (0.2, 0)])
def test_what_cannot_be_lived_is_refused(lift: float, replicates: int) -> None:
    context = learned(units_a_day=500, rate=0.1)
    with pytest.raises(InsufficientEvidenceError):
        when_known(context, lift=lift, replicates=replicates)


def test_without_traffic_there_is_nothing_to_simulate_with() -> None:
    with pytest.raises(InsufficientEvidenceError, match="No traffic"):
        when_known(context_in_memory(SETTINGS, [persona("one")]), lift=0.2)
