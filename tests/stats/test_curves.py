"""Curves of completion: right whatever the policy did since, and bounds that hold at every look."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from living_personas.stats.arrays import Floats
from living_personas.stats.delays import completion_curves, lower_share
from worlds.cells import rng

counts = arrays(np.float64, (3, 6), elements=st.integers(0, 300).map(float))


@given(counts, counts)
def test_a_curve_rises_to_all(at_age: Floats, before: Floats) -> None:
    found = completion_curves(at_age, at_age + before)
    assert (np.diff(found, axis=-1) >= 0).all()
    assert (found >= 0).all()
    assert found[:, -1] == pytest.approx(1)


def curves_of(units: Floats, *, truth: Floats) -> tuple[Floats, Floats]:
    """The curve of 30 days, and the naive one, of units a day (K, 30) that are answered as the truth says."""
    by_cohort = units[:, :, None] * np.diff(truth, axis=-1, prepend=0.0)[:, None, :]  # option, day, age
    age = np.arange(units.shape[1])[::-1]  # the last day's units are 0 days old
    known = np.arange(truth.shape[-1]) <= age[:, None]
    at_age = (by_cohort * known).sum(1)
    by_age = (by_cohort.cumsum(-1) * known).sum(1)
    naive = at_age.cumsum(-1) / at_age.sum(-1, keepdims=True)
    return completion_curves(at_age, by_age), np.asarray(naive)


def test_a_curve_is_right_though_most_units_are_young() -> None:
    truth = np.stack([1 - np.exp(-np.arange(1, 31) / 10), 1 - np.exp(-np.arange(1, 31) / 2)])
    truth /= truth[:, -1:]
    units = np.stack([np.full(30, 2e4), 2e4 * 1.2 ** np.arange(-29, 1)])
    found, naive = curves_of(units, truth=truth)
    assert np.abs(found - truth).max() < 0.02
    assert np.abs(naive - truth).max() > 0.1  # counting what came, as if all units were old


def test_few_outcomes_lean_on_those_of_all_options() -> None:
    at_age = np.array([[0.0, 0, 1], [500, 300, 200]])
    few, many = completion_curves(at_age, at_age.cumsum(-1))
    assert few[0] == pytest.approx(many[0], abs=0.05)


def test_a_bound_is_seldom_ever_above_the_truth() -> None:
    """Looked at after every outcome: at most one in ten of the bounds with an error of .1; the share itself always."""
    truth, length, replicates = 0.9, 1000, 200
    hits = (rng(1).random((replicates, length)) < truth).cumsum(1).astype(float)
    of = np.broadcast_to(np.arange(1.0, length + 1), hits.shape)
    bound = lower_share(hits, of, error=np.full(hits.shape, 0.1))
    assert (bound > truth).any(1).mean() <= 0.1
    assert (hits / of > truth).any(1).mean() > 0.9
    assert bound[:, -1].mean() > truth - 0.05


@given(st.integers(0, 400), st.integers(0, 400), st.floats(1e-6, 0.2))
def test_a_bound_is_below_what_was_seen_and_a_smaller_error_asks_more(hits: int, misses: int, error: float) -> None:
    seen, of = np.array([float(hits)]), np.array([float(hits + misses)])
    bound, surer = (float(lower_share(seen, of, error=np.array([e]))[0]) for e in (error, error / 10))
    assert 0 <= surer <= bound
    assert bound <= hits / max(hits + misses, 1)
