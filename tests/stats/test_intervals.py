"""Means with intervals that hold at every time at once, and the refusal to answer too early."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.intervals import MIN_UNITS, mean_interval, sequence_half_width

REPLICATES, ALPHA = 250, 0.1


def at_most_alpha(misses: int) -> bool:
    """Whether so many misses are no proof of more than alpha (Clopper-Pearson, 99.9 %)."""
    return misses == 0 or float(beta.ppf(0.001, misses, REPLICATES - misses + 1)) <= ALPHA


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


@given(st.integers(0, MIN_UNITS - 1))
def test_too_few_units_are_no_answer(few: int) -> None:
    with pytest.raises(InsufficientEvidenceError, match=f"{MIN_UNITS - few} more"):
        mean_interval(few, float(few), float(few), alpha=0.05)


@pytest.mark.parametrize("share", [0.0005, 0.004, 0.03, 0.999])
def test_a_share_is_inside_at_every_look_however_few_it_has_met_and_an_asymptotic_one_is_not(share: float) -> None:
    generator = np.random.Generator(np.random.PCG64(7))
    looks = np.unique(np.geomspace(MIN_UNITS, 5_000, 60).astype(int))
    missed, asymptotic = 0, 0
    interval = cache(partial(mean_interval, alpha=ALPHA))  # few counts are met, and most of them often
    for _ in range(REPLICATES):
        hits = np.cumsum(generator.random(5_000) < share)[looks - 1].astype(float)
        ends = [interval(n, s, s) for n, s in zip(looks, hits, strict=True)]
        missed += any(not (0 <= end.lower <= share <= end.upper <= 1) for end in ends)
        half = [sequence_half_width(n, s / n * (1 - s / n), alpha=ALPHA) for n, s in zip(looks, hits, strict=True)]
        asymptotic += bool((np.abs(hits / looks - share) > half).any())
    assert at_most_alpha(missed)
    assert at_most_alpha(asymptotic) == (share == 0.03)  # of which there are soon enough for it


@given(n=st.integers(MIN_UNITS, 10**5), all_=st.booleans())
def test_no_outcome_at_all_is_no_share_of_nothing(n: int, *, all_: bool) -> None:
    hits = float(n if all_ else 0)
    interval = mean_interval(n, hits, hits, alpha=0.05)
    assert (interval.upper if all_ else interval.lower) == interval.estimate == (1.0 if all_ else 0.0)
    assert 3 / n < interval.upper - interval.lower < (2 * np.log(n) + 6) / n  # wider than of one look
    with pytest.raises(InsufficientEvidenceError, match="No value"):
        mean_interval(n, 0.0, 0.0, alpha=0.05, is_value=True)


@given(st.floats(-1e6, 1e6).filter(lambda value: value not in (0, 1)))
def test_a_constant_is_known_exactly(value: float) -> None:
    interval = mean_interval(1000, 1000 * value, 1000 * value**2, alpha=0.05)
    assert interval.lower <= interval.estimate <= interval.upper
    assert interval.upper - interval.lower <= 1e-4 * (1 + abs(value))
