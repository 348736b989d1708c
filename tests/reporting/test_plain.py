"""Words that pages share: chances are never certain, and whoever is compared is named."""

from __future__ import annotations

import pytest

from living_personas.domain.goal import DAY, Goal
from living_personas.domain.report import Gain
from living_personas.reporting.cards import gain_words
from living_personas.reporting.plain import chance_words

GOAL = Goal(event="Order Completed", within=3 * DAY)


@pytest.mark.parametrize("chance", [0.0, 0.002, 0.5, 0.996, 0.998, 1.0])
def test_a_chance_is_neither_certain_nor_none(chance: float) -> None:
    """It is counted on 512 draws: 100 % was said of a belief that nothing has confirmed."""
    assert chance_words(chance) not in ("100 %", "0 %")


@pytest.mark.parametrize(
    ("living", "static", "side"), [(900, 10, "held out"), (10, 900, "customers outside the holdout")]
)
def test_of_two_sides_the_one_that_is_short_is_named(living: int, static: int, side: str) -> None:
    gain = Gain(persona="p", living_customers=living, static_customers=static, difference=None, says="")
    assert gain_words(gain, GOAL) == f"not yet known: fewer than 50 {side} so far"
