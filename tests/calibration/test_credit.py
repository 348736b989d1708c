"""Options that only move when people come or buy are not judged better, on the production path; the controls fail."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from worlds.cells import CellWorld, persona
from worlds.speed import Credit, Movers, Moves

pytestmark = pytest.mark.slow

PERSONAS, DAYS = 100, 150


def falsely_corrected(moves: Moves, credit: Credit, *, within: int = 7, personas: int = PERSONAS) -> int:
    supply = Movers(moves, credit=credit, personas=personas, customers=2000, within=within, seed=20260106)
    world = CellWorld([persona(f"p{i:03d}", days=within) for i in range(personas)], supply).run(DAYS)
    print(f"\n{moves}, within {within} days, {credit}: {len(world.corrected)} of {personas} falsely corrected")
    return len(world.corrected)


@pytest.mark.parametrize("moves", ["returns", "away", "slow"])
def test_who_only_comes_or_buys_at_another_time_changes_nothing(moves: Moves) -> None:
    false = falsely_corrected(moves, "every unit")
    assert beta.ppf(0.025, false, PERSONAS - false + 1) <= 0.05 if false else True


@pytest.mark.parametrize("moves", ["returns", "away", "slow"])
def test_an_outcome_for_the_latest_unit_alone_changes_beliefs(moves: Moves) -> None:
    """The control: the rule of before."""
    assert falsely_corrected(moves, "latest unit", personas=20) >= 18


def test_a_window_that_ends_before_the_slow_option_is_answered_changes_beliefs() -> None:
    """What no rule of credit can mend: `within` has to be as long as outcomes take."""
    assert falsely_corrected("slow", "every unit", within=3, personas=20) >= 18
