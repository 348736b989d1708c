"""Corrections that may rest on speed alone wait for a person; those of options that are answered alike do not."""

from __future__ import annotations

import pytest

from worlds.delays import ALIKE, BETTER, found_with_delays


@pytest.mark.long
def test_a_slow_option_that_loses_for_being_slow_waits_for_a_person() -> None:
    seen = found_with_delays(slow=6.0, within=7, rates=ALIKE, personas=8, days=80)
    assert seen.corrections >= 7
    assert seen.waiting == seen.corrections


def test_a_better_option_that_is_answered_alike_is_applied() -> None:
    seen = found_with_delays(slow=1.0, within=7, rates=BETTER, base=0.002, personas=8, days=80)
    assert seen.corrections >= 7
    assert seen.waiting == 0


@pytest.mark.slow
@pytest.mark.parametrize("within", [7, 14])
def test_it_warns_wherever_delays_made_false_corrections(within: int) -> None:
    seen = found_with_delays(slow=within - 1.0, within=within, rates=ALIKE, personas=150, days=200)
    print(f"\nwithin {within} days: {seen.waiting} of {seen.corrections} corrections wait")
    assert seen.corrections >= 140
    assert seen.waiting >= 0.95 * seen.corrections


@pytest.mark.slow
@pytest.mark.parametrize("base", [0.0, 0.002])
@pytest.mark.parametrize("within", [3, 7, 14])
def test_it_does_not_warn_where_delays_are_equal(within: int, base: float) -> None:
    seen = found_with_delays(slow=1.0, within=within, rates=BETTER, base=base, personas=150, days=200)
    print(f"\nwithin {within} days: {seen.waiting} of {seen.corrections} corrections wait")
    assert seen.corrections >= 140
    assert seen.waiting <= 0.02 * seen.corrections
