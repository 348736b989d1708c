"""The sample-ratio test: a martingale while the policy is what it says, and quick to see when it is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.stats.arrays import Floats
from living_personas.stats.quality import RATIO_ALARM, jumped, ratio_log_factor

K = 3
counts = st.lists(st.floats(0, 5000), min_size=K, max_size=K).map(np.array)
shares_of = st.lists(st.floats(0.02, 1), min_size=K, max_size=K).map(lambda p: np.array(p) / np.sum(p))


@given(shares_of, counts, counts)
def test_one_unit_is_worth_one_on_average(shares: Floats, seen: Floats, expected: Floats) -> None:
    """By enumeration, whatever was seen before; units are independent, so days are worth one, too."""
    factors = [float(np.exp(ratio_log_factor(unit, shares, seen=seen, expected=expected))) for unit in np.eye(K)]
    assert float(np.dot(shares, factors)) == pytest.approx(1)


@given(counts, counts)
def test_options_without_a_share_are_left_out(seen: Floats, expected: Floats) -> None:
    shares = np.array([0.5, 0.5, 0.0])
    factors = [float(np.exp(ratio_log_factor(unit, shares, seen=seen, expected=expected))) for unit in np.eye(K)]
    assert 0.5 * factors[0] + 0.5 * factors[1] == pytest.approx(1)
    assert factors[2] == 1


def first_alarm(drawn_from: Floats, said: Floats, *, units: int, runs: int, seed: int) -> Floats:
    """Units at the alarm of each run, looked at after every hundred; infinite without one."""
    generator = np.random.Generator(np.random.PCG64(seed))
    seen, expected, log = np.zeros((runs, said.size)), np.zeros((runs, said.size)), np.zeros(runs)
    alarm = np.full(runs, np.inf)
    for done in range(100, units + 1, 100):
        n = generator.multinomial(100, drawn_from, size=runs).astype(float)
        log += ratio_log_factor(n, np.broadcast_to(said, n.shape), seen=seen, expected=expected)
        seen, expected = seen + n, expected + 100 * said
        alarm = np.where((log >= np.log(RATIO_ALARM)) & np.isinf(alarm), done, alarm)
    return np.asarray(alarm)


def test_45_to_55_is_seen_within_10_000_units() -> None:
    alarms = first_alarm(np.array([0.45, 0.55]), np.array([0.5, 0.5]), units=10_000, runs=200, seed=1)
    assert np.isfinite(alarms).all()
    assert np.median(alarms) < 4000


def test_units_that_come_as_the_policy_says_raise_no_alarm() -> None:
    alarms = first_alarm(np.array([0.4, 0.35, 0.25]), np.array([0.4, 0.35, 0.25]), units=20_000, runs=200, seed=2)
    assert np.isinf(alarms).all()


@pytest.mark.parametrize("rate", [0.3, 1.0, 4.0, 20.0, 150.0])
def test_a_feed_that_is_as_it_was_hardly_ever_jumps(rate: float) -> None:
    """At most 6.4 of 100,000 days are promised; sixteen of them would be a surprise of one in a thousand."""
    draw = np.random.Generator(np.random.PCG64(7))
    days = draw.poisson(rate, (100_000, 8))
    weeks, counts = np.unique([days[:, 7], days[:, :7].sum(axis=1)], axis=1, return_counts=True)
    jumps = [jumped(int(now), usual / 7, days=7) for now, usual in weeks.T]
    assert counts[jumps].sum() < 16


@pytest.mark.parametrize(("now", "usual"), [(0, 14.0), (44, 88.0), (176, 88.0), (30, 5.0)])
def test_a_feed_that_broke_jumps_at_once(now: int, usual: float) -> None:
    assert jumped(now, usual, days=7)
