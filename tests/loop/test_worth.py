"""What living personas were worth: as each persona's gain says, in outcomes and in money, kept week by week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from living_personas.domain.goal import Goal
from living_personas.domain.settings import Metric
from living_personas.loop.holdout.holdout_comparison import compare_holdout
from living_personas.loop.holdout.holdout_worth import EVERY, kept_worth, worth
from living_personas.memory.worth_records import WORTH
from living_personas.reporting.gain import gains
from living_personas.reporting.worth_words import worth_said
from loop.shops import DAY_ZERO, PERSONA, SETTINGS, Shop, context_of

PRICE = Metric(name="revenue", event="Bought", value="price", at_most=50.0, currency="EUR")
HELD_OUT = replace(SETTINGS, holdout=0.3)
MONEY = Goal(event="Bought", within=timedelta(days=1), value="price", at_most=50.0, currency="EUR")


def paying(option: str, _day: int, rng: np.random.Generator) -> Mapping[str, float]:
    chance = 0.3 if option == "b" else 0.1
    return {"Bought": float(rng.uniform(10, 30))} if rng.random() < chance else {}


@pytest.mark.long
def test_it_is_said_in_outcomes_and_in_money_and_agrees_with_the_personas_gain() -> None:
    context = context_of(settings=replace(HELD_OUT, metrics=(PRICE,)))
    shop = Shop(context, paying, customers=400).live(9)
    (gain,) = gains(shop.context, shop.context.versions())
    orders, money = worth(shop.context, compare_holdout(shop.context))
    assert (orders.value, money.value, money.currency) == (None, "price", "EUR")
    assert orders.daily is not None
    assert gain.difference is not None
    assert 100 * 30 * orders.daily.estimate == pytest.approx(gain.difference.estimate)
    assert (orders.living_customers, orders.static_customers) == (gain.living_customers, gain.static_customers)
    assert orders.days == 9 * orders.living_customers
    assert orders.total is not None
    assert money.total is not None
    assert orders.total.estimate == pytest.approx(orders.days * orders.daily.estimate)
    assert money.total.estimate == pytest.approx(20 * orders.total.estimate, rel=0.2)
    assert orders.total.lower > 0
    assert worth_said(orders).is_known
    assert "between" in worth_said(money).answer


def test_what_sums_a_value_is_counted_too_and_personas_of_one_outcome_are_one() -> None:
    young = replace(PERSONA, id="young", name="Young", who="age < 40", priority=1, goal=MONEY, guardrails=())
    old = replace(PERSONA, guardrails=())
    shop = Shop(context_of(young, old, settings=replace(HELD_OUT, metrics=(PRICE,))), paying, customers=300).live(2)
    found = worth(shop.context, compare_holdout(shop.context))
    assert [(each.event, each.value) for each in found] == [("Bought", None), ("Bought", "price")]
    assert found[0].living_customers == found[1].living_customers


@pytest.mark.long
def test_it_is_kept_each_week_as_it_was_known_then_and_not_without_a_holdout() -> None:
    shop = Shop(context_of(settings=HELD_OUT), paying, customers=120).live(8)
    kept = [*kept_worth(shop.context.store)]
    assert [each.day for each in kept] == [DAY_ZERO, DAY_ZERO + EVERY]
    assert kept[-1].daily is not None
    assert kept[0].daily is None
    assert "A group has" in kept[0].missing
    now = worth(shop.context, compare_holdout(shop.context))
    assert kept[-1] == now[0]  # the eighth day is the last closed one
    shop.live(1)
    assert [*kept_worth(shop.context.store)] == kept
    alone = Shop(context_of(), paying, customers=60).live(2)
    assert WORTH.names(alone.context.store) == ()


def test_no_number_of_few_customers_and_none_without_its_interval() -> None:
    shop = Shop(context_of(settings=HELD_OUT), paying, customers=120).live(2)
    (found,) = worth(shop.context, compare_holdout(shop.context))
    few = worth_said(replace(found, static_customers=49))
    assert (few.answer, few.behind) == ("not known yet", "fewer than 50 customers on one side so far")
    unsure = worth_said(replace(found, static_customers=400, living_customers=400))
    assert unsure.answer == "not known yet" or "between" in unsure.answer
