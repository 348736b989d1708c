"""Outcomes per customer and day of hashed groups: neither how often customers come nor what they were moves it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.adjusted import daily_difference, pooled
from living_personas.stats.intervals import FEWEST_OUTCOMES
from worlds.entries import LOOKS, differences, entry_sums, lives, per_visit


def test_same_sales_and_twice_the_visits_is_not_lost_and_per_visit_it_would_be() -> None:
    worlds = [(lives(950, seed=2 * seed, visits=2.0), lives(150, seed=2 * seed + 1)) for seed in range(100)]
    lost, lost_per_visit = (
        sum(any(each.upper < 0 for each in compare(*world)) for world in worlds) for compare in (differences, per_visit)
    )
    print(f"\nsame sales, twice the visits: lost in {lost} of 100 years, {lost_per_visit} per visit")
    assert lost <= 2
    assert lost_per_visit > 60


@pytest.mark.parametrize("adjusted", [True, False])
def test_a_year_without_effect_is_covered_at_every_look(adjusted: bool) -> None:  # noqa: FBT001 - a parameter
    worlds = [(lives(1000, seed=2 * seed + 5000), lives(250, seed=2 * seed + 5001)) for seed in range(100)]
    left = sum(any(each.excludes_zero for each in differences(*world, adjusted=adjusted)) for world in worlds)
    print(f"\nno effect, looked at for a year, {'adjusted' if adjusted else 'as it is'}: {left} of 100 left the truth")
    assert left <= 6


def test_what_was_before_makes_it_narrower() -> None:
    living, static = lives(4000, seed=1, buys=1.2), lives(1000, seed=2)
    last = len(LOOKS) - 1
    wide, narrow = (
        daily_difference(*(entry_sums(group, last, adjusted=adjusted) for group in (living, static)), alpha=0.05)
        for adjusted in (False, True)
    )
    worth = ((wide.upper - wide.lower) / (narrow.upper - narrow.lower)) ** 2
    assert worth > 1.4
    assert narrow.lower < 0.2 * 0.01 < narrow.upper


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_swapping_the_groups_flips_the_sign(seed: int) -> None:
    one, other = (entry_sums(lives(300, seed=seed + n), 20) for n in (0, 1))
    here, there = daily_difference(one, other, alpha=0.05), daily_difference(other, one, alpha=0.05)
    assert (here.estimate, here.lower, here.upper) == pytest.approx((-there.estimate, -there.upper, -there.lower))


def test_without_a_past_it_is_the_difference_of_the_rates() -> None:
    one, other = (entry_sums(lives(500, seed=n), 20, adjusted=False) for n in (1, 2))
    found = daily_difference(one, other, alpha=0.05)
    assert found.estimate == pytest.approx(one.sums[1] / one.sums[0] - other.sums[1] / other.sums[0])


@given(st.integers(0, FEWEST_OUTCOMES - 1))
def test_too_few_outcomes_are_no_answer(few: int) -> None:
    many = entry_sums(lives(500, seed=1), 20)
    with pytest.raises(InsufficientEvidenceError, match=f"{FEWEST_OUTCOMES - few} more"):
        daily_difference(many, many._replace(outcomes=float(few)), alpha=0.05)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(1, 299))
def test_customers_are_pooled_as_if_they_had_been_one_group(seed: int, cut: int) -> None:
    every = lives(300, seed=seed)
    parts = [
        every._replace(**{name: part[rows] for name, part in every._asdict().items()})
        for rows in (slice(cut), slice(cut, None))
    ]
    whole, together = entry_sums(every, 20), pooled(entry_sums(part, 20) for part in parts)
    assert together is not None
    assert (together.customers, together.outcomes) == (whole.customers, whole.outcomes)
    np.testing.assert_allclose(together.sums, whole.sums)
    np.testing.assert_allclose(together.products, whole.products)
    assert pooled([]) is None
