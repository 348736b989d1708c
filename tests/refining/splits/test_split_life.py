"""The whole loop of splits, in arrays: what parts want is found and shown to them, and what suits all is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from worlds.cells import rng
from worlds.responses import Rates, ResponseWorld, by_leaf, people_answering, same_for_all
from worlds.split_life import Life, Lives, Mode


def lived(rates: Rates, *, mode: Mode, days: int, options: int = 2, worlds: int = 3) -> list[Life]:
    made = []
    for seed in range(worlds):
        generator = rng(seed)
        answers = people_answering(4000, rng=generator, questions=8)
        made.append(ResponseWorld(answers, rates, generator, units_a_day=400))
    return Lives(made, options=options, mode=mode).run(days)


REVERSED = by_leaf((0.3, 0.15), (0.15, 0.3), 0)


@pytest.mark.parametrize("mode", ["propose", "follow"])
def test_a_split_is_claimed_then_proven_of_its_leaf_and_costs_less_from_then_on(mode: Mode) -> None:
    lives = lived(REVERSED, mode=mode, days=60)
    without = lived(REVERSED, mode="off", days=60)
    for life in lives:
        assert life.claimed <= life.proven < 60
        assert life.leaf_proven == ((0, True),)
    assert np.mean([life.lost for life in lives]) < 0.5 * np.mean([life.lost for life in without])


def test_a_leaf_of_two_clauses_is_found() -> None:
    lives = lived(by_leaf((0.35, 0.15), (0.15, 0.35), 3, 4), mode="propose", days=60)
    assert [life.leaf_proven for life in lives] == [((3, True), (4, True))] * 3


def test_what_suits_everybody_is_corrected_for_everybody_and_is_no_split() -> None:
    """Option 1 suits all, a leaf twice as much as others: one correction, no claim."""
    lives = lived(by_leaf((0.2, 0.4), (0.2, 0.3), 0), mode="propose", days=60)
    assert [[new for _, new in life.corrections] for life in lives] == [[1]] * 3
    assert [life.claimed for life in lives] == [np.inf] * 3


def test_a_flip_for_everybody_is_no_split() -> None:
    before, after = same_for_all(0.3, 0.2), same_for_all(0.2, 0.3)
    lives = lived(lambda day, answers: (after if day >= 25 else before)(day, answers), mode="propose", days=60)
    assert [life.claimed for life in lives] == [np.inf] * 3
    assert all(life.corrections for life in lives)


def test_the_same_seed_lives_the_same_life() -> None:
    first, second = (lived(REVERSED, mode="propose", days=15, worlds=1)[0] for _ in range(2))
    assert first.lost == second.lost
    assert (first.state.accounts.claim == second.state.accounts.claim).all()
