"""Who is answered later: told per unit, in one direction at most, and not by what no occasion caused."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from living_personas.stats.arrays import Floats
from living_personas.stats.delays import Answered, is_answered_later


@st.composite
def options(draw: st.DrawFn, *, days: int) -> Answered:
    n = draw(st.lists(st.integers(0, 500), min_size=days, max_size=days))
    s = [draw(st.integers(0, each)) for each in n]
    late = [draw(st.integers(0, each)) for each in s]
    return Answered(*(np.array(each, dtype=float) for each in (n, s, late)))


@given(st.data(), st.integers(1, 6))
def test_at_most_one_of_two_is_later_and_days_in_another_order_say_the_same(data: st.DataObject, days: int) -> None:
    one, other = (data.draw(options(days=days)) for _ in range(2))
    both = is_answered_later(one, other), is_answered_later(other, one)
    assert both != (True, True)
    order = np.array(data.draw(st.permutations(range(days))))
    assert is_answered_later(*(Answered(*(part[order] for part in each)) for each in (one, other))) == both[0]


def drawn(rng: np.random.Generator, *, n: Floats, early: float, late: float) -> Answered:
    came_late = rng.binomial(n.astype(int), late)
    outcomes = came_late + rng.binomial(n.astype(int) - came_late, early)
    return Answered(n=n, s=outcomes.astype(float), late=came_late.astype(float))


def test_the_share_of_late_outcomes_alone_is_no_sign() -> None:
    """Both buy as much without being asked; the worse option's outcomes are late twice as often, its units are not."""
    rng = np.random.Generator(np.random.PCG64(1))
    n = np.full(60, 400.0)
    warned = [
        is_answered_later(drawn(rng, n=n, early=0.01, late=0.01), drawn(rng, n=n, early=0.03, late=0.01))
        for _ in range(400)
    ]
    assert sum(warned) <= 4


def test_a_worse_option_has_more_units_that_were_not_answered_early_and_is_not_later() -> None:
    """Two in five of those who have not bought yet buy late, whatever they met: per unit, more of the worse one's."""
    n = np.full(60, 400.0)
    one, other = (Answered(n=n, s=n * (early + (1 - early) * 0.4), late=n * (1 - early) * 0.4) for early in (0.3, 0.6))
    assert one.late.sum() / one.n.sum() > 1.5 * other.late.sum() / other.n.sum()
    assert not is_answered_later(one, other)


def test_days_that_differ_are_compared_one_by_one() -> None:
    """Late outcomes are frequent on days on which the loser was shown often: pooled, it would look slow."""
    rng = np.random.Generator(np.random.PCG64(2))
    often, seldom = np.array([900.0, 100.0] * 30), np.array([100.0, 900.0] * 30)
    by_day = [np.array([rate] * 30) for rate in (0.06, 0.01)]
    late = np.ravel(np.column_stack(by_day))
    one, other = (
        Answered(n=n, s=n * 0.1, late=rng.binomial(n.astype(int), late).astype(float)) for n in (often, seldom)
    )
    assert one.late.sum() / one.n.sum() > 2 * other.late.sum() / other.n.sum()
    assert not is_answered_later(one, other)


def test_nothing_is_later_than_nothing() -> None:
    none = Answered(*(np.zeros(0) for _ in range(3)))
    assert not is_answered_later(none, none)
