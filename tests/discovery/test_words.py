"""A segment in words: the scorecard and the tree say as rules what they compute as numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.made import a_segment, difference, rng, sheet
from living_personas.discovery.columns import Amount, Count, Rate
from living_personas.discovery.explain import say
from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.naming import first_test, suggested_name
from living_personas.discovery.rule_tree import grow, holds, plain_columns
from living_personas.discovery.scorecard import TERMS, area, f1, logistic
from living_personas.discovery.themes import THEMES
from living_personas.domain.meaning import Meaning
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse
from living_personas.stats.arrays import Bools

COLUMNS = (Count("sessions_28d"), Rate("opened", of="received"), Amount("order_value"))


def planted(seed: int, n: int = 2000) -> tuple[Sheet, Bools]:
    """Heavy users who open nothing, among others; a fifth has no order value."""
    draw = rng(seed)
    members = draw.random(n) < 0.1
    received = draw.poisson(8, n)
    value = np.where(draw.random(n) < 0.2, np.nan, np.exp(draw.normal(size=n)))
    numbers = {
        "sessions_28d": draw.poisson(np.where(members, 20, 4)).astype(float),
        "received": received.astype(float),
        "opened": draw.binomial(received, np.where(members, 0.02, 0.5)).astype(float),
        "order_value": value,
    }
    return sheet(numbers, COLUMNS), members


def rows(customers: Sheet) -> list[dict[str, float | None]]:
    """Each customer as a row, NULL where nothing is known."""
    names = list(customers.numbers)
    columns = zip(*(customers.numbers[name].tolist() for name in names), strict=True)
    return [{name: None if np.isnan(x) else x for name, x in zip(names, row, strict=True)} for row in columns]


@given(st.integers(0, 1000))
@settings(max_examples=4, deadline=None)
def test_the_scorecard_as_a_rule_holds_whom_it_holds_in_numbers(seed: int) -> None:
    customers, members = planted(seed)
    said = say(customers, members, made_from=np.arange(1000))
    rule = compile_rule(parse(said.scorecard.rule))
    np.testing.assert_array_equal([bool(rule(row)) for row in rows(customers)], said.holds(customers))
    assert said.by_scorecard.f1 > 0.9
    assert len(said.scorecard.terms) <= TERMS


@given(st.integers(0, 1000))
@settings(max_examples=4, deadline=None)
def test_the_tree_as_a_rule_holds_whom_it_holds_in_numbers(seed: int) -> None:
    customers, members = planted(seed)
    tree = grow(plain_columns(customers), members)
    rule = compile_rule(parse(tree.rule))
    held = holds(tree, plain_columns(customers))
    np.testing.assert_array_equal([bool(rule(row)) for row in rows(customers)], held)
    assert f1(held, members) > 0.8
    assert max(map(len, tree.paths)) <= 4


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_an_area_sees_order_only_and_no_score_is_a_half(seed: int) -> None:
    draw = rng(seed)
    members = draw.random(300) < 0.3
    scores = draw.normal(size=300)
    assert abs(area(scores, members) - area(np.exp(3 * scores), members)) < 1e-12
    assert abs(area(scores, members) + area(-scores, members) - 1) < 1e-12
    assert area(np.zeros(300), members) == 0.5


@given(st.integers(0, 1000), st.floats(0.0, 12.0))
@settings(max_examples=20, deadline=None)
def test_logistic_weights_leave_no_slope_however_far_apart_the_groups_are(seed: int, apart: float) -> None:
    draw = rng(seed)
    numbers = draw.normal(size=(500, 3))
    members = draw.random(500) < 1 / (1 + np.exp(1 - numbers[:, 0]))
    numbers[members] += apart
    weights = logistic(numbers, members)
    chance = 1 / (1 + np.exp(-(weights[0] + numbers @ weights[1:])))
    np.testing.assert_allclose(numbers.T @ (members - chance), weights[1:], atol=0.01)
    assert abs((members - chance).sum()) < 0.01


@given(st.lists(st.tuples(st.sampled_from(["sessions_28d", "email_opened", "xyz_9d"]), st.floats(-3, 3))))
@settings(max_examples=30, deadline=None)
def test_there_is_always_a_name_but_no_advice_without_a_meaning(found: list[tuple[str, float]]) -> None:
    differing = [difference(column, deviations) for column, deviations in found]
    assert suggested_name(differing)
    assert suggested_name(differing).count(",") <= 2
    assert first_test(differing) is None


def test_who_ignores_mail_is_tried_elsewhere() -> None:
    silent = [
        difference("letters_90d", -2.0, silent=True, means="email_opened"),
        difference("sessions_28d", 1.5, means="product_use"),
    ]
    assert suggested_name(silent) == "opens nothing, heavy product use"
    test = first_test(silent)
    assert test is not None
    assert "in-product nudge" in test.options


@pytest.mark.parametrize("column", ["email_complaints_90d", "tickets_sold", "evening_share", "gift_orders", "deal_id"])
def test_a_name_means_nothing_that_nobody_declared(column: str) -> None:
    """Whatever a column is called, nothing is advised, and the name is its own."""
    other, plain = [difference(column, -2.0)], [difference("xyz", -2.0)]
    assert first_test(other) is None
    words = column.removesuffix("_90d").removesuffix("_share").replace("_", " ")
    assert suggested_name(other) == suggested_name(plain).replace("xyz", words)


def test_much_of_a_share_is_not_much_of_the_whole() -> None:
    use = difference("sessions_evening_28d", 2.0, means="product_use")
    assert suggested_name([use]) == "heavy product use"
    assert suggested_name([replace(use, kind="rate")]) == "often sessions evening"
    asks = difference("tickets_90d", 2.0, means="support")
    assert first_test([asks]) is not None
    assert first_test([replace(asks, kind="rate")]) is None


def test_what_no_short_rule_says_well_is_not_said_by_one() -> None:
    words = [replace(a_segment(), explanation_f1=f1).in_words for f1 in (0.7, 0.11)]
    assert words == ["a > 0", "no short rule says it well (the best has an F1 of 0.11); its scorecard does"]


def test_every_meaning_has_its_words() -> None:
    assert set(get_args(Meaning)) == set(THEMES)


def test_a_rule_says_large_whole_numbers_with_all_their_digits() -> None:
    numbers = {"since": 1_764_000_000_000.0 + np.arange(2_000, dtype=np.float64), "visits": np.ones(2_000)}
    customers = sheet(numbers, (Count("since"), Count("visits")))
    members = np.arange(2_000) >= 1_000
    tree = grow(plain_columns(customers), members)
    rule = compile_rule(parse(tree.rule))
    held = np.array([bool(rule(row)) for row in rows(customers)])
    np.testing.assert_array_equal(held, holds(tree, plain_columns(customers)))
    assert f1(held, members) > 0.8


@pytest.mark.parametrize("share", [0.6, 0.9, 1.0])
def test_what_no_column_tells_is_said_as_everybody(share: float) -> None:
    customers, _ = planted(0)
    members = rng(1).random(2_000) < share
    tree = grow(plain_columns(customers), members)
    assert tree.rule == "true"
    rule = compile_rule(parse(tree.rule))
    assert all(rule(row) for row in rows(customers))
    assert holds(tree, plain_columns(customers)).all()
