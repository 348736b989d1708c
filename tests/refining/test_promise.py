"""A promise about all attributes: bars that fall as corrections are made, and masses that are divided beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from living_personas.refining.accounts import Accounts, laid_out_for
from living_personas.refining.promise import bars_of_all, first_mass
from living_personas.stats.arrays import Bools, Floats
from refining.panels import panel_of, persona

ALPHA = 0.05
wealths = arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1e5))


@given(wealths, st.integers(0, 50), st.integers(0, 30), st.data())
def test_as_many_are_corrected_as_hold_the_bar_of_so_many(
    own: Floats, more: int, made: int, data: st.DataObject
) -> None:
    free: Bools = data.draw(arrays(np.bool_, own.shape))
    size = own.size + more
    bars = bars_of_all(own, free, size=size, made=made, alpha=ALPHA)
    corrected = free & (own >= bars)
    count = int(corrected.sum())
    assert (bars >= 1 / ALPHA).all()
    if count:
        assert own[corrected].min() >= size / (ALPHA * (made + count)) * (1 - 1e-12)
    waiting = ~free
    assert bars[waiting] == pytest.approx(np.full(int(waiting.sum()), max(size / (ALPHA * (made + 1)), 1 / ALPHA)))


@given(wealths, st.integers(0, 30))
def test_a_bar_never_rises_with_what_was_made(own: Floats, made: int) -> None:
    free = np.ones(own.size, dtype=bool)
    before = bars_of_all(own, free, size=own.size, made=made, alpha=ALPHA)
    assert (bars_of_all(own, free, size=own.size, made=made + 1, alpha=ALPHA) <= before).all()


def test_one_attribute_alone_has_the_bar_of_each() -> None:
    assert bars_of_all(np.array([3.0]), np.array([True]), size=1, made=0, alpha=ALPHA) == pytest.approx([20.0])


def test_the_mass_of_all_definitions_and_a_year_is_at_most_one() -> None:
    assert sum(first_mass("all", restarts) for restarts in range(60)) + 0.2 <= 1 + 1e-12
    assert sum(first_mass("each", restarts) for restarts in range(2)) > 1  # the promise for each is for each definition


def test_where_the_promise_becomes_one_for_all_the_accounts_are_as_if_they_had_begun_with_less() -> None:
    panel = panel_of(persona(options=(4,)))
    grown = replace(Accounts.first_day(panel), wealth=Accounts.first_day(panel).wealth * 7)
    less = replace(panel, first_mass=np.array([0.6]))
    moved = laid_out_for(less, grown, panel)
    assert moved.wealth == pytest.approx(grown.wealth * 0.75)
    assert moved.principal == pytest.approx(Accounts.first_day(less).principal)
    assert (laid_out_for(panel, moved, less).wealth == moved.wealth).all()  # and nothing is given back


def wrong_share(*, together: bool, worlds: int = 60, attributes: int = 60, right: int = 3, days: int = 250) -> float:
    """Mean share of wrong ones among all corrections, in worlds whose accounts bet on common noise."""
    generator = np.random.Generator(np.random.PCG64(20261103))
    shares = []
    for _ in range(worlds):
        log = np.full(attributes, np.log(0.6))
        made, wrong, gone = 0, 0, np.zeros(attributes, dtype=bool)
        better = np.arange(attributes) < right
        for _ in range(days):
            common = generator.normal()
            drawn = 0.7 * common + np.sqrt(1 - 0.49) * generator.normal(size=attributes) + 0.25 * better
            log += 0.3 * drawn - 0.045  # a bet on normal noise: its mean is 1 where nothing is better
            own = np.where(gone, 0.0, np.exp(log))
            bars = bars_of_all(own, ~gone, size=attributes, made=made, alpha=ALPHA)
            now = own >= (bars if together else 1 / ALPHA)
            made, wrong, gone = made + int(now.sum()), wrong + int((now & ~better).sum()), gone | now
        shares.append(wrong / max(made, 1))
    return float(np.mean(shares))


@pytest.mark.promise("P16")
def test_few_of_all_changes_are_wrong_on_any_day_whatever_the_attributes_have_in_common() -> None:
    """60 attributes, three of them wrong, bets that move together; the control, a promise for each, breaks it."""
    assert wrong_share(together=True) <= ALPHA
    assert wrong_share(together=False) > 2 * ALPHA
