"""Outcomes per unit of hashed customers: the variance is that of customers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.arrays import Floats
from living_personas.stats.intervals import MIN_UNITS, sequence_half_width
from living_personas.stats.ratio import ClusterSums, rate_difference


def sums(x: Floats, y: Floats) -> ClusterSums:
    return ClusterSums(
        customers=float(x.size),
        x=float(x.sum()),
        y=float(y.sum()),
        x_sq=float((x**2).sum()),
        y_sq=float((y**2).sum()),
        xy=float((x * y).sum()),
    )


def drawn(customers: int, *, seed: int, rate: float = 0.3) -> tuple[Floats, Floats]:
    """Units and outcomes of customers who differ in how much they do and in how well it goes."""
    generator = np.random.Generator(np.random.PCG64(seed))
    x = 1 + generator.poisson(3, customers).astype(float)
    own = generator.beta(rate * 3, (1 - rate) * 3, customers)
    return x, generator.binomial(x.astype(int), own).astype(float)


@law()
@given(st.integers(0, 2**32), st.integers(100, 400))
def test_the_variance_is_that_of_the_influence_of_each_customer(seed: int, customers: int) -> None:
    x, y = drawn(customers, seed=seed)
    rate = y.sum() / x.sum()
    assert sums(x, y).variance == pytest.approx(np.var((y - rate * x) / x.mean()), abs=1e-9)


def test_the_variance_is_that_of_repeated_worlds_and_units_alone_would_understate_it() -> None:
    rates, said, naive = [], [], []
    for seed in range(400):
        x, y = drawn(500, seed=seed)
        group = sums(x, y)
        rates.append(group.rate)
        said.append(group.variance / group.customers)
        naive.append(group.rate * (1 - group.rate) / group.x)
    assert np.mean(said) == pytest.approx(np.var(rates), rel=0.2)
    assert np.mean(naive) < 0.7 * np.var(rates)


@given(st.integers(0, 2**32))
def test_swapping_the_groups_flips_the_sign(seed: int) -> None:
    one, other = sums(*drawn(300, seed=seed)), sums(*drawn(200, seed=seed + 1))
    here, there = rate_difference(one, other, alpha=0.05), rate_difference(other, one, alpha=0.05)
    assert here.estimate == pytest.approx(-there.estimate)
    assert (here.lower, here.upper) == pytest.approx((-there.upper, -there.lower))


def test_two_equal_groups_have_the_width_of_their_difference() -> None:
    x, y = drawn(5000, seed=1)
    group = sums(x, y)
    interval = rate_difference(group, group, alpha=0.05)
    assert interval.upper == pytest.approx(sequence_half_width(10_000, 4 * group.variance, alpha=0.05))


@given(st.floats(0.001, 50), st.lists(st.integers(1, 9), min_size=MIN_UNITS, max_size=MIN_UNITS + 20))
def test_customers_who_are_all_alike_have_no_variance_and_still_an_answer(rate: float, units: list[int]) -> None:
    """Rounding must not make a variance negative."""
    x = np.array(units, dtype=float)
    group = sums(x, x * rate)
    interval = rate_difference(group, group, alpha=0.05)
    assert interval.lower <= 0 <= interval.upper
    assert interval.upper == pytest.approx(0, abs=1e-4 * (1 + rate))


@given(st.integers(1, MIN_UNITS - 1))
def test_too_few_customers_are_no_answer(few: int) -> None:
    many = sums(*drawn(1000, seed=1))
    with pytest.raises(InsufficientEvidenceError, match=f"{MIN_UNITS - few} more"):
        rate_difference(many, sums(*drawn(few, seed=2)), alpha=0.05)
