"""Leaves counted from pairs are leaves counted one by one; the search finds what is planted and changes seldom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.errors import InsufficientEvidenceError
from living_personas.refining.splits.leaf_search import LeafSearch, chosen
from living_personas.refining.splits.leaves import Pairs, leaves_of
from living_personas.stats.eprocess import Sums
from living_personas.stats.thompson import day_score
from worlds.cells import rng


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), questions=st.integers(1, 6), units=st.integers(0, 80))
def test_every_leaf_is_equal_to_direct_counting(seed: int, questions: int, units: int) -> None:
    generator = rng(seed)
    answers = generator.random((units, questions)) < generator.random(questions)
    shape = (2, 3)
    place = generator.integers(0, 6, units)
    leaves = leaves_of(questions)
    counted = leaves.parts(Pairs.of(answers, place, shape=shape))
    for leaf in range(len(leaves)):
        held = leaves.holds(leaf, answers)
        for part, inside in enumerate((held, ~held)):
            direct = np.bincount(place[inside], minlength=6).reshape(shape)
            assert (counted[leaf, part] == direct).all()


def test_a_menu_of_24_has_each_split_once() -> None:
    leaves = leaves_of(24)
    assert len(leaves) == 24 + 4 * 24 * 23 // 2
    assert len({frozenset(leaves.literals(leaf)) for leaf in range(len(leaves))}) == len(leaves)
    with pytest.raises(InsufficientEvidenceError):
        leaves_of(0)


@settings(max_examples=20)
@given(seed=st.integers(0, 1000))
def test_the_score_of_a_leaf_is_that_of_its_own_units(seed: int) -> None:
    """Stratified by the day's shares: as if each part of the leaf had been counted apart."""
    generator = rng(seed)
    answers, place = generator.random((200, 3)) < 0.5, generator.integers(0, 4, 200)
    won = generator.random(200) < 0.3
    leaves, shape = leaves_of(3), (2, 2)
    pairs = (Pairs.of(answers, place, shape=shape), Pairs.of(answers[won], place[won], shape=shape))
    search = LeafSearch.none(len(leaves), 2).after(leaves, *pairs, kept=0.5)
    leaf = int(generator.integers(len(leaves)))
    for part, inside in enumerate((leaves.holds(leaf, answers), ~leaves.holds(leaf, answers))):
        n, s = (np.bincount(place[which], minlength=4).reshape(shape).astype(float) for which in (inside, inside & won))
        direct = day_score(Sums(n, s, s), is_value=np.zeros(2, dtype=bool))
        assert search.u[leaf, part] == pytest.approx(direct.u.sum(0))
        assert search.v[leaf, part] == pytest.approx(direct.v.sum(0))


def test_the_search_finds_a_planted_leaf_of_two_literals() -> None:
    generator = rng(3)
    leaves, shape = leaves_of(6), (1, 2)
    search = LeafSearch.none(len(leaves), 2)
    for _ in range(40):
        answers, option = generator.random((1000, 6)) < 0.5, generator.integers(0, 2, 1000)
        inside = answers[:, 1] & ~answers[:, 4]
        won = generator.random(1000) < np.where(inside == (option == 1), 0.4, 0.2)
        pairs = (Pairs.of(answers, option, shape=shape), Pairs.of(answers[won], option[won], shape=shape))
        search = search.after(leaves, *pairs, kept=1.0)
    assert leaves.literals(int(search.scores(leaves).argmax())) == ((1, True), (4, False))


def test_a_leaf_of_a_few_customers_is_never_chosen() -> None:
    leaves, shape = leaves_of(1), (1, 2)
    answers = np.arange(100)[:, None] < 4
    option = np.arange(100) % 2
    pairs = (Pairs.of(answers, option, shape=shape), Pairs.of(answers[:4], option[:4], shape=shape))
    scores = LeafSearch.none(1, 2).after(leaves, *pairs, kept=1.0).scores(leaves)
    assert chosen(scores, leaf=None) is None
