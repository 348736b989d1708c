"""Where one option suits both parts, the bets against it have a mean of at most 1: by adding up all that can happen."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from living_personas.refining.splits.split_bets import PartRows, SplitBets
from living_personas.stats.arrays import Floats
from worlds.cells import rng


def bets_at(seed: int, options: int) -> SplitBets:
    """Any bets: what looks better, and by how much, has nothing to do with the truth."""
    generator = rng(seed)
    difference = generator.normal(0, 0.4, (2, options, options))
    difference = difference - difference.transpose(0, 2, 1)
    variance = generator.uniform(0.001, 0.1, difference.shape)
    units = generator.integers(0, 5000, 2).astype(float)
    return SplitBets.of(difference, variance, units=units, successes=units * generator.random(2))


def mean_factor(bets: SplitBets, shares: Floats, rates: Floats, parts: tuple[int, ...], law: Floats) -> Floats:
    """The exact mean of the factor against each option, shape ``(K,)``.

    ``law`` (units, K) is the chance that a unit buys whatever it meets beyond its rates: returning customers differ.
    """
    options = shares.shape[1]
    total = np.zeros(options)
    for met in product(range(options), repeat=len(parts)):
        for bought in product((0, 1), repeat=len(parts)):
            chance = 1.0
            n, s = np.zeros((2, options)), np.zeros((2, options))
            for unit, (part, option, won) in enumerate(zip(parts, met, bought, strict=True)):
                rate = rates[part, option] * law[unit]
                chance *= shares[part, option] * (rate if won else 1 - rate)
                n[part, option] += 1
                s[part, option] += won
            total += chance * np.exp(bets.log_factor(PartRows(part=np.arange(2), n=n, s=s, shares=shares)))
    return total


def shares_of(raw: Floats) -> Floats:
    return np.asarray(raw / raw.sum(1, keepdims=True))


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    raw=arrays(np.float64, (2, 3), elements=st.floats(0.02, 1)),
    rates=arrays(np.float64, (2, 3), elements=st.floats(0, 1)),
    parts=st.lists(st.integers(0, 1), min_size=1, max_size=2).map(tuple),
    suits=st.integers(0, 2),
)
def test_against_what_suits_both_parts_a_day_is_worth_at_most_one(
    seed: int, raw: Floats, rates: Floats, parts: tuple[int, ...], suits: int
) -> None:
    """For any shares, any rates at most those of the option that suits both, and units that are not alike."""
    best = rates.copy()
    best[:, suits] = rates.max(1)
    law = rng(seed).uniform(0.2, 1, (len(parts), 1))
    mean = mean_factor(bets_at(seed, 3), shares_of(raw), best, parts, law[:, 0])
    assert mean[suits] <= 1 + 1e-9


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), rate=st.floats(0.01, 0.99))
def test_where_options_do_not_matter_every_bet_is_fair(seed: int, rate: float) -> None:
    shares = shares_of(rng(seed).uniform(0.1, 1, (2, 3)))
    mean = mean_factor(bets_at(seed, 3), shares, np.full((2, 3), rate), (0, 1), np.ones(2))
    assert mean == pytest.approx(np.ones(3))


def test_without_the_minimum_over_options_a_bet_wins_where_one_suits_all() -> None:
    """The control: against an option that does not suit both, the mean is above 1."""
    better = np.zeros((2, 2, 2))
    better[:, 1, 0], better[:, 0, 1] = 0.3, -0.3
    bets = SplitBets.of(better, np.full((2, 2, 2), 0.01), units=np.full(2, 1000.0), successes=np.full(2, 300.0))
    mean = mean_factor(bets, np.full((2, 2), 0.5), np.array([[0.3, 0.4], [0.3, 0.4]]), (0, 1), np.ones(2))
    assert mean[0] > 1.001
    assert mean[1] == pytest.approx(1)


def test_rows_of_one_part_are_played_with_their_own_shares() -> None:
    """Two strata of a part are two factors of one bet, not two bets."""
    bets = bets_at(5, 2)
    n, s = np.array([[5.0, 6.0], [7.0, 3.0]]), np.array([[1.0, 2.0], [2.0, 0.0]])
    apart = PartRows(part=np.array([0, 0]), n=n, s=s, shares=np.array([[0.5, 0.5], [0.5, 0.5]]))
    together = PartRows(
        part=np.array([0]), n=n.sum(0, keepdims=True), s=s.sum(0, keepdims=True), shares=apart.shares[:1]
    )
    assert bets.log_factor(apart) == pytest.approx(bets.log_factor(together))


def test_an_option_that_is_not_shown_is_not_bet_on() -> None:
    rows = PartRows(
        part=np.arange(2), n=np.array([[9.0, 0.0]] * 2), s=np.array([[9.0, 0.0]] * 2), shares=np.array([[1.0, 0.0]] * 2)
    )
    assert bets_at(1, 2).log_factor(rows) == pytest.approx(np.zeros(2))
