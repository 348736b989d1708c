"""Scores that a moving base rate cannot fool, and the chance of being the best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import ndtri
from scipy.stats import qmc

from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums
from living_personas.stats.thompson import (
    PRIOR_PRECISION,
    Score,
    day_score,
    normal_points,
    posterior,
    prior_score,
    prob_best,
)

K = 4
MASK = np.ones((1, K), dtype=bool)
YES_OR_NO, VALUE = np.array([False]), np.array([True])
POINTS = normal_points(512, K)


@pytest.mark.parametrize("options", [1, 2, 7, 40])
def test_the_points_are_scipys_to_the_last_bit(options: int) -> None:
    halton = qmc.Halton(d=options, scramble=False).random(513)[1:]
    assert (normal_points(512, options) == ndtri(halton)).all()


units = arrays(np.int64, (1, K), elements=st.integers(0, 400)).map(lambda n: n.astype(float))
effects = st.permutations([-0.3, 0.0, 0.1, 0.25]).map(lambda e: np.array([e]))


@st.composite
def days(draw: st.DrawFn) -> Sums:
    n = draw(units)
    won = np.floor(n * draw(arrays(np.float64, (1, K), elements=st.floats(0, 1))))
    return Sums(n, won, won)


@given(days(), st.sampled_from([YES_OR_NO, VALUE]))
def test_a_day_only_compares_its_options(day: Sums, is_value: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
    score = day_score(day, is_value=is_value)
    assert score.u.sum() == pytest.approx(0, abs=1e-6)
    assert score.v.sum(-1) == pytest.approx(np.zeros((1, K)), abs=1e-6)
    assert (score.v == np.swapaxes(score.v, 1, 2)).all()
    assert np.linalg.eigvalsh(score.v).min() >= -1e-8 * (1 + np.abs(score.v).max())


@given(days())
def test_yes_or_no_is_the_score_that_is_written_down(day: Sums) -> None:
    """Peto's: u = s_k - n_k s/N, v = s(N-s)/(N-1) (h_k 1{k=l} - h_k h_l)."""
    n, s = day.n[0], day.sum[0]
    total, won = n.sum(), s.sum()
    score = day_score(day, is_value=YES_OR_NO)
    if total < 2 or won in (0, total):
        assert not score.u.any()
        assert not score.v.any()
        return
    h = n / total
    assert score.u[0] == pytest.approx(s - n * won / total, abs=1e-9)
    wanted = won * (total - won) / (total - 1) * (np.diag(h) - np.outer(h, h))
    assert score.v[0] == pytest.approx(wanted, abs=1e-9)


@given(units, st.floats(0.01, 0.9), st.floats(0.01, 0.9))
def test_a_moving_base_rate_is_not_an_effect(n: Floats, rate: float, other: float) -> None:
    """Two days on which every option does alike, at very different rates and shares, say nothing."""
    turned = n[:, ::-1]
    first, second = (day_score(Sums(m, m * p, m * p), is_value=YES_OR_NO) for m, p in ((n, rate), (turned, other)))
    assert first.u + second.u == pytest.approx(np.zeros((1, K)), abs=1e-8)


def test_pooling_the_same_two_days_would_see_an_effect() -> None:
    """The control for stratifying by day: shares that move with the rate."""
    n, rates = np.array([[900.0, 100.0], [100.0, 900.0]]), np.array([[0.02], [0.2]])
    apart = day_score(Sums(n, n * rates, n * rates), is_value=np.array([False, False])).u.sum(0)
    together = day_score(Sums(*(part.sum(0, keepdims=True) for part in (n, n * rates, n * rates))), is_value=YES_OR_NO)
    assert apart == pytest.approx([0, 0], abs=1e-9)
    assert abs(together.u[0, 1]) > 50


@given(st.floats(0.5, 40))
def test_a_value_in_other_money_is_the_same_effect(rate: float) -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    n = np.array([[50.0, 60.0, 40.0, 70.0]])
    values = [generator.exponential(10, int(count)) for count in n[0]]
    total, squared = (np.array([[(v**power).sum() for v in values]]) for power in (1, 2))
    here = day_score(Sums(n, total, squared), is_value=VALUE)
    there = day_score(Sums(n, total * rate, squared * rate**2), is_value=VALUE)
    assert there.u == pytest.approx(here.u, rel=1e-6)
    assert there.v == pytest.approx(here.v, rel=1e-6)


def test_value_effects_are_log_ratios() -> None:
    """One step of Fisher scoring from no difference finds a small lift."""
    n = np.full((1, 2), 10_000.0)
    mean = np.array([[10.0, 10.5]])
    score = day_score(Sums(n, n * mean, n * (mean**2 + 100)), is_value=VALUE)
    effect = np.linalg.pinv(score.v[0]) @ score.u[0]
    assert effect[1] - effect[0] == pytest.approx(np.log(1.05), rel=0.03)


@given(effects, st.floats(5, 500))
def test_chances_are_chances(effect: Floats, precision: float) -> None:
    best = prob_best(effect, np.eye(K)[None] / precision, points=POINTS, mask=MASK)
    assert best.sum() == pytest.approx(1)
    assert (best >= 0).all()


@given(effects, st.permutations(range(K)), st.floats(5, 500))
def test_relabelling_options_permutes_the_answer(effect: Floats, order: list[int], precision: float) -> None:
    cov = np.eye(K)[None] / precision
    best = prob_best(effect, cov, points=POINTS, mask=MASK)
    permuted = prob_best(effect[:, order], cov, points=POINTS[:, order], mask=MASK)
    assert (permuted == best[:, order]).all()
    assert prob_best(effect[:, order], cov, points=POINTS, mask=MASK) == pytest.approx(best[:, order], abs=0.04)


@given(effects)
def test_the_better_of_two_alike_is_more_probably_the_best(effect: Floats) -> None:
    best = prob_best(effect, np.eye(K)[None] * 0.04, points=POINTS, mask=MASK)[0]
    assert (np.diff(best[np.argsort(effect[0])]) >= 0).all()
    lowered = effect - 0.2 * (effect == effect.max())
    top = int(effect.argmax())
    assert prob_best(lowered, np.eye(K)[None] * 0.04, points=POINTS, mask=MASK)[0, top] < best[top]


def test_options_that_do_not_exist_are_never_the_best() -> None:
    mask = np.array([[True, True, False, False]])
    best = prob_best(np.zeros((1, K)), np.eye(K)[None], points=POINTS, mask=mask)[0]
    assert (best[2:] == 0).all()
    assert best[:2] == pytest.approx([0.5, 0.5], abs=0.02)


@pytest.mark.parametrize("options", [2, 3, 4, 6, 8])
def test_options_alike_are_alike_probable(options: int) -> None:
    best = prob_best(
        np.zeros((1, options)),
        np.eye(options)[None],
        points=normal_points(512, options),
        mask=np.ones((1, options), dtype=bool),
    )
    assert best[0] == pytest.approx(np.full(options, 1 / options), abs=0.035)


@given(st.integers(1, 200), st.integers(0, 1000))
def test_in_pieces_the_chances_are_those_of_the_plain_formula(subjects: int, seed: int) -> None:
    """In single precision and a cache's worth at a time: another answer only where two options are as good as tied."""
    generator = np.random.Generator(np.random.PCG64(seed))
    root = generator.normal(size=(subjects, K, K)) * 0.2
    cov = root @ np.swapaxes(root, 1, 2) + 1e-4 * np.eye(K)
    mean = generator.normal(size=(subjects, K)) * 0.2
    mask = np.arange(K) < generator.integers(2, K + 1, size=subjects)[:, None]
    draws = mean[:, None, :] + POINTS @ np.swapaxes(np.linalg.cholesky(cov), 1, 2)
    best = np.where(mask[:, None, :], draws, -np.inf).argmax(-1)
    plain = np.stack([(best == k).mean(-1) for k in range(K)], axis=-1)
    assert prob_best(mean, cov, points=POINTS, mask=mask) == pytest.approx(plain, abs=1.5 / len(POINTS))


def test_before_any_data_only_the_prior_speaks() -> None:
    mean, cov = posterior(Score(u=np.zeros((1, 2)), v=np.zeros((1, 2, 2))))
    assert not mean.any()
    assert cov[0] == pytest.approx(np.eye(2) / PRIOR_PRECISION)


@given(st.floats(1, 500), st.floats(1, 500))
def test_more_confidence_is_more_belief(some: float, more: float) -> None:
    some, more = sorted([some, more])
    believed, mask = np.array([[0.0, 1.0, 0.0]]), np.ones((1, 3), dtype=bool)
    lead = []
    for conversions in (some, more):
        mean, _ = posterior(prior_score(believed, conversions=np.array([conversions]), mask=mask))
        lead.append(mean[0, 1] - mean[0, 0])
    assert 0 < lead[0] <= lead[1] < np.log(1.2)
