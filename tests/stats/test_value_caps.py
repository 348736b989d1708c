"""Where values are capped: read off classes that add up, and worth nothing if it were chosen afterwards."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.stats.arrays import Ints
from living_personas.stats.value_caps import CLASSES, ENOUGH, TOP_SHARE, class_tops, share_above, usual_most
from worlds.values import ValueWorld

values = st.lists(st.floats(0.01, 1e6), min_size=ENOUGH, max_size=400)


def classes(found: list[float]) -> Ints:
    return np.array([int(np.ceil(np.log10(each) * CLASSES - 1e-9)) for each in found], dtype=np.int64)


@settings(max_examples=25)
@given(values)
def test_no_more_than_a_hundredth_lies_above_the_cap_and_it_is_no_larger_than_it_must_be(found: list[float]) -> None:
    cap = usual_most(classes(found), np.ones(len(found), dtype=np.int64))
    assert cap is not None
    assert np.mean(np.array(found) > cap * (1 + 1e-9)) <= TOP_SHARE
    at_quantile = np.sort(found)[int(np.ceil((1 - TOP_SHARE) * len(found))) - 1]
    assert cap <= at_quantile * 10 ** (1 / CLASSES) * 1.1 * (1 + 1e-9)  # a class, and two digits


@settings(max_examples=25)
@given(values, st.integers(0, 99))
def test_classes_add_up_in_any_order(found: list[float], seed: int) -> None:
    sizes = classes(found)
    each, counts = np.unique(sizes, return_counts=True)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(sizes))
    assert usual_most(sizes[order], np.ones_like(sizes)) == usual_most(each, counts)


@given(st.integers(0, ENOUGH - 1))
def test_too_few_values_make_no_cap(count: int) -> None:
    assert usual_most(np.full(count, 40), np.ones(count, dtype=np.int64)) is None


@settings(max_examples=25)
@given(values, st.floats(0.1, 1e5))
def test_the_share_above_a_cap_counts_nothing_that_may_lie_below(found: list[float], cap: float) -> None:
    sizes = classes(found)
    share = share_above(sizes, np.ones_like(sizes), cap=cap)
    assert share <= np.mean(np.array(found) >= cap * (1 - 1e-6)) + 1e-12
    assert (class_tops(sizes) >= np.array(found) * (1 - 1e-9)).all()


@pytest.mark.long
def test_a_cap_that_was_fixed_before_the_day_keeps_the_promise_and_one_chosen_afterwards_breaks_it() -> None:
    """The control: whoever sees the day's values finds a cap at which the challenger was better."""
    fixed = ValueWorld(worlds=200, at_most=4_000.0, lift=1.0, seed=1).run(120)
    chosen = ValueWorld(worlds=200, at_most=4_000.0, lift=1.0, seed=1, after_the_fact=True).run(120)
    assert fixed.false_share <= 0.05
    assert chosen.false_share > 0.5


@pytest.mark.slow
def test_a_cap_ten_times_too_high_costs_at_most_half_as_many_units_again() -> None:
    """200 worlds each, 3 % buy, log-normal orders, conversion 20 % better; ratio of the mean units, bootstrapped."""
    good, high, static = (
        ValueWorld(worlds=200, at_most=at_most, lift=1.2, seed=seed, frozen=frozen).run(400).units
        for at_most, seed, frozen in ((390.0, 3, True), (3_900.0, 4, True), (3_900.0, 4, False))
    )
    generator = np.random.Generator(np.random.PCG64(5))
    at = generator.integers(0, 200, (2, 2_000, 200))
    ratios = high[at[0]].mean(1) / good[at[1]].mean(1)
    low, top = np.quantile(ratios, [0.025, 0.975])
    without = static.mean() / good.mean()
    print(f"units {good.mean():,.0f} and {high.mean():,.0f}: {high.mean() / good.mean():.2f} ({low:.2f} to {top:.2f})")
    print(f"without a cap for each day {without:.2f}")
    assert top <= 1.5
    assert without > 1.5
