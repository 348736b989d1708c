"""Each factor's mean is at most 1 when o is no better: by adding up everything that can happen, not by sampling."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from laws import law
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


def assigned(w: float, pbar: float, *, ratio: float = 1.0) -> Factor:
    return lambda o, b: assignment_log_factor(o, b, w=np.array([w]), pbar=np.array([pbar]), ratio=np.array([ratio]))


def valued(w: float, *, mean: float, variance: float, bound: float = 10.0, ratio: float = 1.0) -> Factor:
    return lambda o, b: value_log_factor(
        o,
        b,
        w=np.array([w]),
        mean=np.array([mean]),
        variance=np.array([variance]),
        bound=np.array([bound]),
        ratio=np.array([ratio]),
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


def settings_of_the_null(count: int) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Shares, predictions, margins above and below 1, and rates on both boundaries: ``p_o <= r p_b``, ``p_o <= 1``."""
    generator = np.random.Generator(np.random.PCG64(20261102))
    w = generator.uniform(0.02, 0.98, count)
    pbar = 10 ** generator.uniform(-4, -0.01, count)
    ratio = np.where(generator.random(count) < 0.5, generator.uniform(1, 3, count), generator.uniform(0.3, 1, count))
    p_b = generator.random(count) * np.where(generator.random(count) < 0.5, 1.0, pbar)
    return w, pbar, ratio, np.minimum(ratio * p_b, 1.0), p_b


def mean_of_units(factor: Factor, w: Floats, p_o: Floats, p_b: Floats) -> Floats:
    """The exact mean of the factor of one unit in each setting, one entry per lift."""
    one, none = np.ones(w.size), np.zeros(w.size)
    won, lost, nobody = Sums(one, one, one), Sums(one, none, none), Sums(none, none, none)
    cases = ((w * p_o, won, nobody), (w * (1 - p_o), lost, nobody), ((1 - w) * p_b, nobody, won))
    total = sum((chance[:, None] * np.exp(factor(o, b)) for chance, o, b in cases), start=np.zeros((w.size, 5)))
    return np.asarray(total + ((1 - w) * (1 - p_b))[:, None] * np.exp(factor(nobody, lost)))


def test_no_margin_pays_where_the_option_is_at_most_so_many_times_as_good() -> None:
    w, pbar, ratio, p_o, p_b = settings_of_the_null(20_000)
    means = mean_of_units(lambda o, b: assignment_log_factor(o, b, w=w, pbar=pbar, ratio=ratio), w, p_o, p_b)
    assert means.max() <= 1 + 1e-9
    inside_null = mean_of_units(
        lambda o, b: assignment_log_factor(o, b, w=w, pbar=pbar, ratio=ratio), w, 0.7 * p_o, p_b
    )
    assert inside_null.max() <= 1 + 1e-9


def test_the_same_bet_against_no_difference_pays_within_the_margin() -> None:
    """The control: what is r times as good is better, and a factor that asks no margin says so."""
    w, pbar, ratio, p_o, p_b = settings_of_the_null(20_000)
    even = np.ones(w.size)
    means = mean_of_units(lambda o, b: assignment_log_factor(o, b, w=w, pbar=pbar, ratio=even), w, p_o, p_b)
    assert (means[ratio > 1] > 1).any()


@given(w=w_of, pbar=inside, n=st.integers(0, 500), m=st.integers(0, 500), share=inside, other=inside)
def test_a_margin_of_one_is_the_factor_that_is_written_down(
    *, w: float, pbar: float, n: int, m: int, share: float, other: float
) -> None:
    """Also beside other margins, where the nearest law is solved for."""
    s, t = float(round(n * share)), float(round(m * other))
    theta, base = np.log(LIFTS), logit(pbar)
    q_b, q_o = expit(base - w * theta), expit(base + (1 - w) * theta)
    q_1 = w * q_o + (1 - w) * q_b
    won = s * np.log(q_o / q_1) + t * np.log(q_b / q_1)
    written = won + (n - s) * np.log((1 - q_o) / (1 - q_1)) + (m - t) * np.log((1 - q_b) / (1 - q_1))
    o, b = (Sums(np.full(2, float(count)), np.full(2, won), np.full(2, won)) for count, won in ((n, s), (m, t)))
    both = assignment_log_factor(o, b, w=np.full(2, w), pbar=np.full(2, pbar), ratio=np.array([1.0, 1.3]))
    alone = assigned(w, pbar)(Sums(o.n[:1], o.sum[:1], o.sum[:1]), Sums(b.n[:1], b.sum[:1], b.sum[:1]))
    assert alone[0] == pytest.approx(written, rel=1e-9, abs=1e-9)
    assert (both[0] == alone[0]).all()


@given(w=st.floats(0.1, 0.9), p=st.floats(0.005, 0.2), ratio=st.floats(0.7, 1.5))
def test_a_margin_pays_beyond_it(w: float, p: float, ratio: float) -> None:
    factor = assigned(w, p, ratio=ratio)
    assert (mean_factor(factor, w=w, o=bernoulli(1.5 * ratio * p), b=bernoulli(p)) > 1).any()


@law(300)
@given(
    w=w_of,
    o=laws(),
    b=laws(),
    spare=st.floats(1.0, 2.0),
    guess=st.floats(1e-3, 20),
    variance=st.floats(1e-3, 200),
)
def test_values_pay_at_most_one_within_a_margin(
    *, w: float, o: Law, b: Law, spare: float, guess: float, variance: float
) -> None:
    if mean(b) < 1e-6:
        return
    ratio = max(mean(o) / mean(b), 0.1) * spare
    factor = valued(w, mean=guess, variance=variance, ratio=ratio)
    assert (mean_factor(factor, w=w, o=o, b=b) <= 1 + 1e-9).all()


@law(300)
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


@law(300)
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
