"""Effects with intervals that hold at every time at once, and the refusal to answer too early."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums
from living_personas.stats.intervals import MIN_UNITS, aipw_effect, mean_interval, sequence_half_width

REPLICATES, ALPHA = 250, 0.1


def days(rates: Floats, shares: Floats, *, seed: int, units: int = 100) -> Sums:
    """Days of drawn units and successes, one row a day: shares and rates have shape ``(T, K)``."""
    generator = np.random.Generator(np.random.PCG64(seed))
    n = generator.multinomial(units, shares).astype(float)
    s = generator.binomial(n.astype(int), rates).astype(float)
    return Sums(n, s, s)


def at_most_alpha(misses: int) -> bool:
    """Whether so many misses are no proof of more than alpha (Clopper-Pearson, 99.9 %)."""
    return misses == 0 or float(beta.ppf(0.001, misses, REPLICATES - misses + 1)) <= ALPHA


@given(st.integers(0, 2**32))
def test_relabelling_flips_the_sign(seed: int) -> None:
    shares = np.tile([0.5, 0.3, 0.2], (20, 1))
    sums = days(np.tile([0.1, 0.2, 0.3], (20, 1)), shares, seed=seed)
    one = aipw_effect(sums, shares, new=0, old=1, alpha=ALPHA)
    other = aipw_effect(sums, shares, new=1, old=0, alpha=ALPHA)
    assert one.estimate == pytest.approx(-other.estimate)
    assert (one.lower, one.upper) == pytest.approx((-other.upper, -other.lower))


@given(st.integers(0, 2**32), st.permutations([0, 1, 2]))
def test_the_order_of_options_does_not_matter(seed: int, order: list[int]) -> None:
    shares = np.tile([0.5, 0.3, 0.2], (20, 1))
    sums = days(np.tile([0.1, 0.2, 0.3], (20, 1)), shares, seed=seed)
    here = aipw_effect(sums, shares, new=0, old=1, alpha=ALPHA)
    moved = Sums(*(part[:, order] for part in sums))
    there = aipw_effect(moved, shares[:, order], new=order.index(0), old=order.index(1), alpha=ALPHA)
    assert (there.estimate, there.lower) == pytest.approx((here.estimate, here.lower))


@given(st.lists(st.integers(60, 300), min_size=2, max_size=2), st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_it_is_the_difference_of_means_when_units_came_as_the_shares_say(n: list[int], rates: list[float]) -> None:
    counts = np.array([[float(count) for count in n]] * 2)
    s = np.round(counts * np.array(rates))
    shares = counts / counts.sum(1, keepdims=True)
    effect = aipw_effect(Sums(counts, s, s), shares, new=0, old=1, alpha=ALPHA)
    assert effect.estimate == pytest.approx(s[:, 0].sum() / counts[:, 0].sum() - s[:, 1].sum() / counts[:, 1].sum())


@given(st.sampled_from([0.0, 500.0]), st.floats(0.1, 0.5))
def test_options_without_a_share_neither_shrink_the_effect_nor_narrow_it(others: float, share: float) -> None:
    """Some units of a logged policy got what the persona does not offer, or what has no known share."""
    n = np.array([[250.0, 250.0]] * 4)
    s = n * np.array([[0.4, 0.2], [0.6, 0.4], [0.5, 0.3], [0.1, 0.0]])
    alone = aipw_effect(Sums(n, s, s), np.tile([0.5, 0.5], (4, 1)), new=0, old=1, alpha=ALPHA)
    n, s = (np.hstack([part, np.full((4, 1), extra)]) for part, extra in ((n, others), (s, others * 0.3)))
    beside = aipw_effect(Sums(n, s, s), np.tile([share, share, 0.0], (4, 1)), new=0, old=1, alpha=ALPHA)
    assert (beside.estimate, beside.lower) == pytest.approx((alone.estimate, alone.lower))


def test_changing_shares_do_not_bias_the_effect() -> None:
    """Shares that move with the base rate: pooled means would see 4 points where there are none."""
    shares = np.array([[0.8, 0.2]] * 50 + [[0.2, 0.8]] * 50)
    rates = np.array([[0.05, 0.05]] * 50 + [[0.12, 0.12]] * 50)
    sums = days(rates, shares, seed=1, units=2000)
    effect = aipw_effect(sums, shares, new=0, old=1, alpha=0.05)
    pooled = sums.sum.sum(0) / sums.n.sum(0)
    assert not effect.excludes_zero
    assert abs(effect.estimate) < 0.004
    assert abs(pooled[0] - pooled[1]) > 0.03


def test_the_effect_is_inside_at_every_look() -> None:
    """Looked at on each of 40 days, in 250 worlds: missed ever in at most alpha of them."""
    generator = np.random.Generator(np.random.PCG64(5))
    misses = 0
    for seed in range(REPLICATES):
        p = generator.uniform(0.2, 0.8, size=(40, 1))
        shares = np.hstack([p * 0.9, (1 - p) * 0.9, np.full((40, 1), 0.1)])
        sums = days(np.tile([0.15, 0.1, 0.3], (40, 1)) * generator.uniform(0.5, 1.5, size=(40, 1)), shares, seed=seed)
        truth = 0.05
        looks = (
            aipw_effect(Sums(*(part[:t] for part in sums)), shares[:t], new=0, old=1, alpha=ALPHA)
            for t in range(8, 41, 4)
        )
        misses += any(not look.lower - 0.025 <= truth <= look.upper + 0.025 for look in looks)
    assert at_most_alpha(misses)


def test_the_mean_is_inside_at_every_look_and_a_peeked_z_is_not() -> None:
    generator = np.random.Generator(np.random.PCG64(6))
    looks = np.unique(np.geomspace(MIN_UNITS, 20_000, 40).astype(int))
    missed, peeked = 0, 0
    for _ in range(REPLICATES):
        values = generator.exponential(1.0, size=20_000)
        total, squared = np.cumsum(values)[looks - 1], np.cumsum(values**2)[looks - 1]
        ends = [mean_interval(n, s, q, alpha=ALPHA) for n, s, q in zip(looks, total, squared, strict=True)]
        missed += any(not (end.lower <= 1 <= end.upper) for end in ends)
        z = 1.645 * np.sqrt(squared / looks - (total / looks) ** 2) / np.sqrt(looks)
        peeked += bool((np.abs(total / looks - 1) > z).any())
    assert at_most_alpha(missed)
    assert not at_most_alpha(peeked)


@given(st.integers(1, 10**7), st.integers(1, 10**6), st.floats(0.01, 10), st.floats(0.001, 0.5))
def test_more_data_narrows(n: int, more: int, variance: float, alpha: float) -> None:
    assert sequence_half_width(n + more, variance, alpha=alpha) < sequence_half_width(n, variance, alpha=alpha)


@given(st.integers(100, 10**6), st.floats(0.01, 10), st.floats(0.001, 0.4))
def test_more_certainty_costs_width(n: int, variance: float, alpha: float) -> None:
    assert sequence_half_width(n, variance, alpha=alpha) > sequence_half_width(n, variance, alpha=alpha * 1.2)


@given(st.integers(0, MIN_UNITS - 1), st.integers(0, 5000))
def test_too_few_units_are_no_answer(few: int, many: int) -> None:
    with pytest.raises(InsufficientEvidenceError, match=rf"{few} units.*\n.*{MIN_UNITS - few} more"):
        aipw_effect(
            Sums(*(np.array([[float(few), float(max(many, few))]]) for _ in range(3))),
            np.array([[0.5, 0.5]]),
            new=0,
            old=1,
            alpha=0.05,
        )
    with pytest.raises(InsufficientEvidenceError, match=f"{MIN_UNITS - few} more"):
        mean_interval(few, float(few), float(few), alpha=0.05)


def test_no_rows_and_unknown_shares_are_no_answer() -> None:
    none = np.zeros((0, 2))
    with pytest.raises(InsufficientEvidenceError):
        aipw_effect(Sums(none, none, none), none, new=0, old=1, alpha=0.05)
    many = np.full((3, 2), 1000.0)
    with pytest.raises(InsufficientEvidenceError):
        aipw_effect(Sums(many, many, many), np.array([[1.0, 0.0]] * 3), new=0, old=1, alpha=0.05)


@given(st.floats(-1e6, 1e6))
def test_a_constant_is_known_exactly(value: float) -> None:
    interval = mean_interval(1000, 1000 * value, 1000 * value**2, alpha=0.05)
    assert interval.lower <= interval.estimate <= interval.upper
    assert interval.upper - interval.lower <= 1e-4 * (1 + abs(value))
