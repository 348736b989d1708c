"""A snapshot that is out of line is found; effects, and chance, are not taken for one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums
from living_personas.stats.running_totals import jumps_taken_back
from worlds.cells import rng


def steps(seed: int, rates: Floats, *, units: int = 2000) -> tuple[Sums, Floats]:
    """Steps of successes at these rates, shape (T, K), and the units so far."""
    chance = rng(seed)
    n = chance.poisson(units, rates.shape).astype(np.float64)
    won = chance.binomial(n.astype(np.int64), rates).astype(np.float64)
    return Sums(n, won, won), n.cumsum(0)


def test_no_effect_and_no_moving_rate_is_taken_for_a_broken_snapshot() -> None:
    found = 0
    for seed in range(100):
        moving = 0.04 * (1 + 0.5 * np.sin(np.arange(60) / 2))[:, None]
        found += jumps_taken_back(*steps(seed, moving * np.array([1.0, 1.3, 0.8]))).size
    assert found == 0


@given(at=st.integers(1, 8), option=st.integers(0, 2), size=st.sampled_from([-150.0, 150.0]), seed=st.integers(0, 50))
def test_a_snapshot_that_counts_more_or_less_than_it_should_is_found(
    at: int, option: int, size: float, seed: int
) -> None:
    sums, totals = steps(seed, np.full((10, 3), 0.04), units=5000)
    won = sums.sum.copy()
    won[at, option] += size
    won[at + 1, option] -= size
    assert at in jumps_taken_back(Sums(sums.n, won, won), totals)


def test_one_jump_that_stays_is_an_effect_that_began() -> None:
    rates = np.full((20, 2), 0.04)
    rates[10:, 1] = 0.12
    assert jumps_taken_back(*steps(1, rates)).size == 0
