"""Corrections that may rest on speed alone wait for a person; those of options that are answered alike do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from worlds.cells import CellWorld, persona
from worlds.delays import Answering

ALIKE, BETTER = np.full(4, 0.06), np.array([0.04, 0.04, 0.04, 0.06])
FAST = np.full(4, 1.0)
SPEED = "options may differ in speed only"


@dataclass
class Found:
    """How many beliefs were found wrong, and how many of these corrections wait for being a matter of speed."""

    corrections: int
    waiting: int


def found(*, slow: float, within: int, rates: np.ndarray, base: float = 0.0, personas: int, days: int = 120) -> Found:
    delays = np.array([slow, 1.0, 1.0, 1.0])
    supply = Answering(rates, delays, within=within, base=base, seed=20260107)
    people = [persona(f"p{i:03d}", days=within) for i in range(personas)]
    world = CellWorld(people, supply).run(days, until_all_corrected=True)
    proposed = world.corrected.values()
    waiting = [each for each in proposed if each.verdict == "review" and SPEED in each.why]
    print(f"\nslow {slow:g}, within {within} days: {len(waiting)} of {len(proposed)} corrections wait")
    assert all(each.verdict == "apply" for each in proposed if each not in waiting)
    return Found(len(proposed), len(waiting))


def test_a_slow_option_that_loses_for_being_slow_waits_for_a_person() -> None:
    seen = found(slow=6.0, within=7, rates=ALIKE, personas=8, days=80)
    assert seen.corrections >= 7
    assert seen.waiting == seen.corrections


def test_a_better_option_that_is_answered_alike_is_applied() -> None:
    seen = found(slow=1.0, within=7, rates=BETTER, base=0.002, personas=8, days=80)
    assert seen.corrections >= 7
    assert seen.waiting == 0


@pytest.mark.slow
@pytest.mark.parametrize("within", [7, 14])
def test_it_warns_wherever_delays_made_false_corrections(within: int) -> None:
    seen = found(slow=within - 1.0, within=within, rates=ALIKE, personas=150, days=200)
    assert seen.corrections >= 140
    assert seen.waiting >= 0.95 * seen.corrections


@pytest.mark.slow
@pytest.mark.parametrize("base", [0.0, 0.002])
@pytest.mark.parametrize("within", [3, 7, 14])
def test_it_does_not_warn_where_delays_are_equal(within: int, base: float) -> None:
    seen = found(slow=1.0, within=within, rates=BETTER, base=base, personas=150, days=200)
    assert seen.corrections >= 140
    assert seen.waiting <= 0.02 * seen.corrections
