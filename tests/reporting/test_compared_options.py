"""An effect of a change names both options, and has the sign that the report gives it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from living_personas.domain.belief import EffectDays, Interval, Subject
from living_personas.domain.goal import DAY, Goal
from living_personas.reporting.changes import change_sentence, effect_then, size_words
from living_personas.reporting.compared_options import compared
from living_personas.reporting.labels import labels_of
from made_refinement import made_refinement

GOALS = {"buyer": Goal(event="Order Completed", within=7 * DAY)}
CONFIRMED = made_refinement(
    kind="confirm",
    subject=Subject(persona="buyer", attribute="offer"),
    old="ten_percent_off",
    new="ten_percent_off",
    rival="free_returns",
    effect=Interval(estimate=0.025, lower=0.01, upper=0.04),
    over=EffectDays(
        first=date(2026, 1, 5),
        last=date(2026, 2, 1),
        units=3_000,
        ahead_since=date(2026, 1, 12),
        times=Interval(estimate=1.25, lower=1.1, upper=2.0),
    ),
    units=4321,
    day=date(2026, 2, 1),
    why="'ten_percent_off' is proven better than every other option, 'free_returns' the nearest.",
)


def test_a_confirmation_compares_the_nearest_rival_with_what_was_confirmed_as_the_report_does() -> None:
    numbers = (
        "'free_returns' against 'ten_percent_off': \N{MINUS SIGN}2.5 points [\N{MINUS SIGN}4.0, \N{MINUS SIGN}1.0]"
    )
    assert effect_then(CONFIRMED, GOALS) == numbers
    assert numbers in change_sentence(CONFIRMED, GOALS, labels_of([]))
    assert size_words(CONFIRMED, GOALS["buyer"]) == (
        "In the last 28 days 'free_returns' brought about 2.5 fewer 'Order Completed' per 100 occasions than "
        "'ten_percent_off' (between 1.0 and 4.0), 0.8 times as many (between 0.5 and 0.9)."
    )


def test_a_correction_compares_the_new_value_with_the_old_one() -> None:
    corrected = replace(CONFIRMED, kind="correct", old="bundle", rival="")
    assert effect_then(corrected, GOALS) == "'ten_percent_off' against 'bundle': +2.5 points [+1.0, +4.0]"


def test_a_rival_whose_name_was_not_kept_is_the_next_best() -> None:
    older = replace(CONFIRMED, rival="")
    assert (
        effect_then(older, GOALS)
        == "the next best against 'ten_percent_off': \N{MINUS SIGN}2.5 points [\N{MINUS SIGN}4.0, \N{MINUS SIGN}1.0]"
    )
    assert size_words(older, GOALS["buyer"]).startswith("In the last 28 days the next best brought about 2.5 fewer")


def test_what_is_measured_has_its_unit_wherever_it_is_told() -> None:
    measured = replace(
        CONFIRMED,
        kind="measure",
        old="40",
        new="59.1395",
        unit="EUR",
        rival="",
        effect=Interval(estimate=19.1, lower=16.6, upper=21.6),
        over=None,
    )
    assert effect_then(measured, GOALS) == "+19.1 [+16.6, +21.6] EUR"
    assert "'40 EUR' -> '59.14 EUR', +19.1 [+16.6, +21.6] EUR" in change_sentence(measured, GOALS, labels_of([]))


@pytest.mark.parametrize("times", [None, Interval(estimate=1.5, lower=0.0, upper=9.0)])
def test_how_many_times_as_much_has_no_upper_end_where_it_might_have_been_nothing(times: Interval | None) -> None:
    assert CONFIRMED.over is not None
    found = compared(replace(CONFIRMED, over=replace(CONFIRMED.over, times=times)))
    assert found.over is not None
    assert found.over.times is None
