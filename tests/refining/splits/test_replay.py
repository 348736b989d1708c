"""A replay bets on each batch by what was complete before it, and on nothing whose shares are not what is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.refining.splits.replay import Batch, replay
from living_personas.refining.splits.split_accounts import FIRST_MASS, YEARLY_MASS
from living_personas.stats.arrays import Floats
from worlds.cells import rng

EVEN = np.array([[0.5, 0.5]])


def batches_of(count: int, *, seed: int = 0, met: Floats = EVEN, said: Floats = EVEN, units: int = 300) -> list[Batch]:
    """Who says yes to the first question wants option 1, everybody else 0."""
    generator = rng(seed)
    made = []
    for _ in range(count):
        answers = generator.random((units, 3)) < 0.5
        stratum = generator.integers(0, len(met), units)
        option = (generator.random(units) < met[stratum, 1]).astype(np.int64)
        won = generator.random(units) < np.where(answers[:, 0] == (option == 1), 0.4, 0.2)
        made.append(Batch(answers=answers, option=option, won=won, stratum=stratum, shares=said))
    return made


def test_what_is_there_is_proven_with_its_effects() -> None:
    found = replay(batches_of(20), alpha=0.05)
    assert (found.grade, found.leaf, found.best) == ("proven", 0, (1, 0))
    assert found.batch < 19
    assert found.units == 300 * (found.batch + 1)
    assert all(effect is not None and effect.lower <= effect.estimate <= effect.upper for effect in found.effects)


@given(wait=st.integers(1, 6))
@settings(max_examples=6, deadline=None)
def test_no_bet_uses_what_is_younger_than_the_wait(wait: int) -> None:
    """While nothing is complete nothing is bet: the accounts hold what they were given."""
    found = replay(batches_of(wait), alpha=0.05, wait=wait)
    assert found.claim == pytest.approx(FIRST_MASS + wait * YEARLY_MASS / 365)
    assert replay(batches_of(wait + 20), alpha=0.05, wait=wait).grade == "proven"


def test_units_that_do_not_come_in_their_shares_hold_everything() -> None:
    assert replay(batches_of(20, met=np.array([[0.65, 0.35]])), alpha=0.05).grade == "held"


def test_strata_have_shares_of_their_own() -> None:
    """Two policies of a day, drawn as they say: no alarm, and the split is found."""
    two = np.array([[0.8, 0.2], [0.3, 0.7]])
    assert replay(batches_of(20, met=two, said=two), alpha=0.05).grade == "proven"


def test_a_correction_of_everybody_takes_nothing_from_the_smallest_account() -> None:
    batches = batches_of(3)
    plain, levelled = (replay(batches, alpha=0.05, corrections=each) for each in ((), {1}))
    assert levelled.claim <= plain.claim * (1 + 1e-9)


def test_days_on_which_nobody_came_change_nothing_but_the_mass() -> None:
    none = Batch(
        answers=np.zeros((0, 3), dtype=bool),
        option=np.zeros(0, dtype=np.int64),
        won=np.zeros(0, dtype=bool),
        stratum=np.zeros(0, dtype=np.int64),
        shares=np.zeros((0, 2)),
    )
    batches = batches_of(20)
    found = replay([batches[0], none, none, *batches[1:]], alpha=0.05)
    assert (found.grade, found.leaf) == ("proven", 0)
