"""The account against "who reports has nothing to do with the option": how soon it tells, how rarely it is wrong."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.stats.quality import RATIO_ALARM, mixture_log_factor

BAR = np.log(RATIO_ALARM)


def account(given_: np.ndarray, reported: np.ndarray) -> np.ndarray:
    """The log of the account after each day; arrays of days, worlds and options."""
    seen, expected = np.zeros(given_.shape[1:]), np.zeros(given_.shape[1:])
    logs, log = [], np.zeros(given_.shape[1])
    for drawn, n in zip(given_, reported, strict=True):
        shares = drawn / np.maximum(drawn.sum(-1, keepdims=True), 1)
        log = log + mixture_log_factor(n, shares, seen=seen, expected=expected)
        seen, expected = seen + n, expected + shares * n.sum(-1, keepdims=True)
        logs.append(log)
    return np.array(logs)


@pytest.mark.parametrize("known", [200, 20])
def test_who_reports_one_option_alone_is_found_within_three_days(known: int) -> None:
    """In each of twenty worlds; customers draw anew each day."""
    rng = np.random.Generator(np.random.PCG64(13))
    drawn = rng.multinomial(known, [0.5, 0.5], size=(3, 20)).astype(float)
    logs = account(drawn, drawn * [1.0, 0.0])
    print(
        f"\n{known} known ids: alarm after {np.argmax(logs >= BAR, axis=0).max() + 1} days in the slowest of 20 worlds"
    )
    assert (logs[-1] >= BAR).all()


@pytest.mark.parametrize(("visitors", "share"), [(20, 0.9), (400, 0.3), (5_000, 0.7)])
def test_honest_pages_alarm_in_one_world_of_a_thousand_at_most(visitors: int, share: float) -> None:
    """Whoever closes the page too soon is not reported, whatever the option; 2,000 worlds of 60 days."""
    rng = np.random.Generator(np.random.PCG64(14))
    drawn = rng.multinomial(visitors, [0.6, 0.3, 0.1], size=(60, 2_000)).astype(float)
    reported = rng.binomial(drawn.astype(int), share).astype(float)
    assert (account(drawn, reported).max(0) >= BAR).mean() <= 0.002


@given(
    n=st.lists(st.integers(0, 400), min_size=3, max_size=3),
    parts=st.lists(st.integers(1, 50), min_size=3, max_size=3),
    order=st.permutations([0, 1, 2]),
)
def test_options_have_no_order_and_no_report_tells_nothing(n: list[int], parts: list[int], order: list[int]) -> None:
    counts, shares = np.array(n, float), np.array(parts) / sum(parts)
    seen, expected = counts[::-1] * 2, shares * counts.sum() * 2
    factor = mixture_log_factor(counts, shares, seen=seen, expected=expected)
    turned = mixture_log_factor(counts[order], shares[order], seen=seen[order], expected=expected[order])
    assert np.isclose(factor, turned)
    assert mixture_log_factor(np.zeros(3), shares, seen=seen, expected=expected) == 0


def test_the_factor_is_fair() -> None:
    """Its mean over all that may be reported is one."""
    shares, seen = np.array([0.7, 0.3]), np.array([5.0, 9.0])
    counts = np.array([[k, 12 - k] for k in range(13)], float)
    chance = np.array([float(comb(12, k)) for k in range(13)]) * 0.7 ** counts[:, 0] * 0.3 ** counts[:, 1]
    factors = np.exp(mixture_log_factor(counts, shares, seen=seen, expected=shares * 14))
    assert np.isclose((chance * factors).sum(), 1.0)
