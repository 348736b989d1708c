"""Each factor's mean is at most 1 when o is no better: by adding up everything that can happen, not by sampling."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import (
    LIFT_WEIGHTS,
    LIFTS,
    Sums,
    assignment_log_factor,
    margin_log_factor,
    value_log_factor,
)

Law = list[tuple[float, float]]
"""Outcomes with their probabilities."""
Factor = Callable[[Sums, Sums], Floats]

inside = st.floats(0.01, 0.99)
w_of = st.floats(0.02, 0.98)
NONE = Sums(*(np.zeros(1) for _ in range(3)))


def unit(y: float) -> Sums:
    """One unit with the outcome y."""
    return Sums(np.array([1.0]), np.array([y]), np.array([y * y]))


def mean_factor(factor: Factor, *, w: float, o: Law, b: Law) -> Floats:
    """The exact mean of the factor of one unit: over its assignment and, given that, its outcome."""
    won = sum((w * p * np.exp(factor(unit(y), NONE)[0]) for y, p in o), start=np.zeros(LIFTS.size))
    return np.asarray(won + sum((1 - w) * p * np.exp(factor(NONE, unit(y))[0]) for y, p in b))


def mean(law: Law) -> float:
    return sum(y * p for y, p in law)


@st.composite
def laws(draw: st.DrawFn, *, bound: float = 10.0) -> Law:
    """A law with a few values on [0, bound]; its ends are frequent."""
    at = st.sampled_from([0.0, bound]) | st.floats(0, bound)
    values = draw(st.lists(at, min_size=1, max_size=4))
    weights = draw(st.lists(st.floats(0.01, 1.0), min_size=len(values), max_size=len(values)))
    return [(y, p / sum(weights)) for y, p in zip(values, weights, strict=True)]


def assigned(w: float, pbar: float) -> Factor:
    return lambda o, b: assignment_log_factor(o, b, w=np.array([w]), pbar=np.array([pbar]))


def valued(w: float, *, mean: float, variance: float, bound: float = 10.0) -> Factor:
    return lambda o, b: value_log_factor(
        o, b, w=np.array([w]), mean=np.array([mean]), variance=np.array([variance]), bound=np.array([bound])
    )


def margined(w: float, *, mean: float, variance: float, points: float, share: float) -> Factor:
    return lambda o, b: margin_log_factor(
        o,
        b,
        w=np.array([w]),
        mean=np.array([mean]),
        variance=np.array([variance]),
        bound=np.array([10.0]),
        points=np.array([points]),
        share=np.array([share]),
    )


def bernoulli(p: float) -> Law:
    return [(1.0, p), (0.0, 1 - p)]


def test_the_lifts_share_one_unit_of_wealth() -> None:
    assert LIFT_WEIGHTS.sum() == pytest.approx(1)
    assert (LIFTS > 1).all()


@given(w=w_of, pbar=inside, y=st.sampled_from([0.0, 1.0]))
def test_whatever_the_outcome_an_assignment_that_does_not_matter_is_worth_one(w: float, pbar: float, y: float) -> None:
    """For each y by itself, so for every law of Y, however it moves."""
    assert mean_factor(assigned(w, pbar), w=w, o=[(y, 1.0)], b=[(y, 1.0)]) == pytest.approx(np.ones(LIFTS.size))


@given(w=w_of, pbar=inside, p=inside, q=inside)
def test_assignment_pays_only_for_the_better_option(w: float, pbar: float, p: float, q: float) -> None:
    low, high = sorted([p, q])
    worse = mean_factor(assigned(w, pbar), w=w, o=bernoulli(low), b=bernoulli(high))
    better = mean_factor(assigned(w, pbar), w=w, o=bernoulli(high), b=bernoulli(low))
    assert (worse <= 1 + 1e-12).all()
    assert (better >= 1 - 1e-12).all()


@settings(max_examples=300)
@given(w=w_of, o=laws(), b=laws(), guess=st.floats(1e-3, 20), variance=st.floats(1e-3, 200))
def test_values_pay_at_most_one_even_with_wrong_predictions(
    w: float, o: Law, b: Law, guess: float, variance: float
) -> None:
    o, b = sorted([o, b], key=mean)
    assert (mean_factor(valued(w, mean=guess, variance=variance), w=w, o=o, b=b) <= 1 + 1e-9).all()
    assert (mean_factor(valued(w, mean=guess, variance=variance), w=w, o=b, b=b) <= 1 + 1e-9).all()


def test_values_grow_when_the_option_is_better() -> None:
    b = [(0.0, 0.9), (5.0, 0.1)]
    o = [(0.0, 0.8), (5.0, 0.2)]
    assert (mean_factor(valued(0.5, mean=0.75, variance=3.2), w=0.5, o=o, b=b) > 1).all()


def test_a_value_beyond_its_bound_breaks_the_promise() -> None:
    """The control: without winsorising, one large order of the current value is enough."""
    rare = [(0.0, 0.999), (1000.0, 0.001)]
    factor = valued(0.5, mean=0.001, variance=0.01)
    assert (mean_factor(factor, w=0.5, o=[(1.0, 1.0)], b=rare) > 1).any()
    fair = [(min(y, 10.0), p) for y, p in rare]
    assert (mean_factor(factor, w=0.5, o=fair, b=fair) <= 1).all()


@given(w=w_of, y=st.floats(0, 10), unknown=st.sampled_from([(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (1.0, -1.0)]))
def test_values_without_a_prediction_bet_nothing(w: float, y: float, unknown: tuple[float, float]) -> None:
    factor = valued(w, mean=unknown[0], variance=unknown[1])
    assert (factor(unit(y), NONE) == 0).all()


@settings(max_examples=300)
@given(
    w=w_of,
    o=laws(),
    b=laws(),
    share=st.sampled_from([0.0, 0.03, 0.5]),
    spare=st.floats(0, 2),
    guess=st.floats(1e-3, 20),
    variance=st.floats(1e-3, 200),
)
def test_harm_within_the_margin_pays_at_most_one(
    *, w: float, o: Law, b: Law, share: float, spare: float, guess: float, variance: float
) -> None:
    points = max(mean(o) - (1 + share) * mean(b), 0.0) + spare
    factor = margined(w, mean=guess, variance=variance, points=points, share=share)
    assert (mean_factor(factor, w=w, o=o, b=b) <= 1 + 1e-9).all()


def test_harm_beyond_the_margin_grows() -> None:
    factor = margined(0.5, mean=0.02, variance=0.02, points=0.002, share=0.0)
    assert (mean_factor(factor, w=0.5, o=bernoulli(0.04), b=bernoulli(0.02)) > 1).any()


@given(
    w=w_of,
    pbar=inside,
    n=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=2),
    total=st.lists(st.tuples(inside, inside), min_size=2, max_size=2),
)
def test_the_factor_of_a_sum_is_the_product_of_factors(
    w: float, pbar: float, n: list[tuple[int, int]], total: list[tuple[float, float]]
) -> None:
    """Evidence adds up: cells may be merged in any way before they are played."""
    cells = [
        [Sums(np.array([float(k)]), np.array([float(round(k * p))]), np.array([float(round(k * p))])) for k in ns]
        for ns, p in zip(n, [share for share, _ in total], strict=True)
    ]
    for factor in (
        assigned(w, pbar),
        valued(w, mean=0.3, variance=0.2),
        margined(w, mean=0.3, variance=0.2, points=0.01, share=0.1),
    ):
        apart = sum(factor(o, b) for o, b in cells)
        (o1, b1), (o2, b2) = cells
        joined = factor(Sums(*(x + y for x, y in zip(o1, o2, strict=True))), Sums(*map(np.add, b1, b2)))
        assert joined == pytest.approx(apart, abs=1e-9)
