"""Shares: they sum to 1, nobody starves, and a test under way gets what it needs to end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.deciding.allocate import (
    CHALLENGER,
    EXPLORE,
    EXPLORE_PROVEN,
    EXPLORE_TO_CONFIRM,
    PAIR_FLOOR,
    shares,
)
from living_personas.stats.arrays import Bools, Floats, Ints

Asked = tuple[Floats, Bools, Ints, Ints]


@st.composite
def asked(draw: st.DrawFn, *, most: int = 50) -> Asked:
    """One subject with K options in a panel that is wider."""
    k = draw(st.integers(2, most))
    weights = np.array(draw(st.lists(st.sampled_from([0.0, 1e-300, 0.01, 1.0]), min_size=k, max_size=k)))
    best = weights / weights.sum() if weights.sum() > 0 else np.full(k, 1 / k)
    current = draw(st.integers(0, k - 1))
    pair = draw(st.sampled_from([-1, *(i for i in range(k) if i != current)]))
    spare = draw(st.integers(0, 2))
    mask = np.array([[True] * k + [False] * spare])
    return np.pad(best, (0, spare))[None], mask, np.array([current]), np.array([pair])


def given_out(case: Asked, *, proven: bool = False) -> Floats:
    best, mask, current, pair = case
    table: Floats = shares(best, mask=mask, current=current, pair=pair, proven=np.array([proven]))[0]
    return table


@given(asked())
def test_shares_sum_to_one_and_every_option_has_one(case: Asked) -> None:
    table = given_out(case)
    assert table.sum() == pytest.approx(1)
    assert (table[case[1][0]] > 0).all()
    assert (table[~case[1][0]] == 0).all()


@given(asked(most=12), st.booleans())
def test_floors_hold(case: Asked, proven: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    _, mask, current, pair = case
    table, k = given_out(case, proven=proven), int(mask.sum())
    if pair[0] >= 0:
        others = [table[i] for i in range(k) if i not in (current[0], pair[0])]
        tested = table[current[0]] + table[pair[0]]
        assert table[pair[0]] == pytest.approx(CHALLENGER * tested)
        assert tested >= 0.5
        assert others == pytest.approx([PAIR_FLOOR] * (k - 2))
    else:
        assert table[:k].min() >= (EXPLORE_PROVEN if proven else EXPLORE) / k - 1e-12


@given(asked(most=12))
def test_before_a_test_an_unlikely_current_value_is_an_option_like_any_other(case: Asked) -> None:
    """By the square of how probably it is the best: at its worst it is starved, and a better one then bets on."""
    best, mask, _, _ = case
    unlikely = np.flatnonzero(mask[0] & (best[0] < 1 / 2))
    others = [given_out((best, mask, np.array([k]), np.array([-1]))) for k in unlikely]
    assert all(table == pytest.approx(others[0]) for table in others)


def test_a_value_that_looks_like_the_best_is_explored_around_until_it_is_proven() -> None:
    """Whoever is to be beaten must be seen."""
    best, mask, likely = np.array([[0.9, 0.1, 0.0]]), np.ones((1, 3), dtype=bool), np.array([0])
    alone = np.array([-1])
    assert given_out((best, mask, likely, alone))[2] == pytest.approx(EXPLORE_TO_CONFIRM / 3)
    assert given_out((best, mask, likely, alone), proven=True)[2] == pytest.approx(EXPLORE_PROVEN / 3)
    assert given_out((best, mask, np.array([1]), alone))[2] == pytest.approx(EXPLORE / 3)


def test_a_proven_value_is_explored_around_less() -> None:
    case = (np.array([[0.9, 0.05, 0.05, 0.0]]), np.ones((1, 4), dtype=bool), np.array([0]), np.array([-1]))
    assert given_out(case, proven=True)[0] > given_out(case)[0] > 0.8


@given(asked(most=8), st.randoms(use_true_random=False))
def test_relabelling_options_permutes_the_shares(case: Asked, random: object) -> None:
    best, mask, current, pair = case
    k = int(mask.sum())
    order = list(range(k))
    random.shuffle(order)  # type: ignore[attr-defined]  # Hypothesis hands over a random.Random
    moved = (
        best[:, order],
        mask[:, :k],
        np.array([order.index(current[0])]),
        np.array([order.index(pair[0]) if pair[0] >= 0 else -1]),
    )
    assert given_out(moved) == pytest.approx(given_out(case)[order])


def test_a_likelier_challenger_gets_more() -> None:
    table = given_out((np.array([[0.2, 0.5, 0.2, 0.1]]), np.ones((1, 4), dtype=bool), np.array([0]), np.array([-1])))
    assert table[1] > table[2] > table[3]
