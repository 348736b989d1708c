"""Early windows: bets that stay fair, a budget that is not spent twice, a choice that looks at earlier days only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.loop.learning.learn import learn_day, opened_states
from living_personas.memory.account_blocks import accounts_from, block_of
from living_personas.memory.tables import WINDOWS
from living_personas.refining.accounts import Accounts, laid_out_for, open_day, without_window
from living_personas.refining.bets import early_factors
from living_personas.refining.ledger import Means
from living_personas.refining.panel import Panel, day_number
from living_personas.refining.windows import CANDIDATES, Windows, completions, split, windows_for
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums
from loop.shops import near
from refining.panels import DAY, accounts_of, panel_of, persona, rows_of
from worlds import cells
from worlds.cells import FIRST, CellWorld
from worlds.delays import Answering

TODAY = day_number(DAY)
LONG = panel_of(persona("p", options=(4, 2), days=60), persona("q", options=(3,), days=60))
A, K = LONG.mask.shape

share = st.floats(0.02, 0.98)


def mean_of_factors(*, w: float, p_b: float, part_b: float, worse: float, part_o: float, said: float) -> Floats:
    """The mean of a unit's factors: b has ``part_b`` of its outcomes in the window, which is ``said`` to have more.

    Option o has ``worse`` times as many outcomes in all, and ``part_o`` of them in the window.
    """
    panel = panel_of(persona(options=(2,), days=60))
    pooled = np.array([[1e4, 1e4 * p_b, 1e4 * p_b]])
    entry = replace(
        open_day(Accounts.first_day(panel), panel, day=TODAY),
        means=Means(pooled=pooled, keys=(), sums=np.zeros((0, 3))),
    )
    rates, shares, mean = (p_b * part_b, p_b * worse * part_o), np.array([[1 - w, w]]), np.zeros(5)
    for k in range(2):
        for y in (0.0, 1.0):
            n = np.zeros((1, 2))
            n[0, k] = 1.0
            rows = rows_of(panel, Sums(n, n * y, n * y), shares, day=TODAY)
            law = shares[0, k] * (rates[k] if y else 1 - rates[k])
            mean += law * np.exp(early_factors(rows, panel, entry, np.array([said]))[0, 1])
    return mean


cases = st.fixed_dictionaries(
    {"w": share, "p_b": st.floats(0.005, 0.9), "part_b": share, "worse": st.floats(0, 1), "part_o": st.floats(0, 1)}
)


@settings(max_examples=100)
@given(cases, st.floats(0.1, 1))
def test_a_bet_on_the_window_is_fair_however_soon_the_other_option_is_answered(
    case: dict[str, float], low: float
) -> None:
    """Under "o is no better within the horizon", as long as the window is said to hold no more than it does."""
    found = mean_of_factors(**case, said=max(case["part_b"] * low, 1e-3))
    assert (found <= 1 + 1e-9).all()


def test_without_the_margin_of_the_curve_speed_looks_like_success() -> None:
    """The control: b's window holds .8 of its outcomes, o's all of them, and nothing is said of it."""
    case = {"w": 0.5, "p_b": 0.1, "part_b": 0.8, "worse": 1.0, "part_o": 1.0}
    assert (mean_of_factors(**case, said=0.8) <= 1 + 1e-9).all()
    assert (mean_of_factors(**case, said=1.0)[:3] > 1).all()


def windows(days: int = 14, completion: float = 0.9) -> Windows:
    return Windows(days=np.full(A, days), completion=np.full(A, completion))


@settings(max_examples=30)
@given(accounts_of(LONG))
def test_a_split_makes_nothing_and_leaves_a_fifth_for_the_bound(accounts: Accounts) -> None:
    """For every set N of options that might be no better, Phi of both accounts is what Phi was."""
    budget, after = 0.05, split(accounts, windows(), LONG, day=TODAY + 1)
    error = 0.2 * budget * np.minimum(accounts.total(), accounts.principal).sum(1)
    for number in range(2**K):
        null = np.array([bool(number >> k & 1) for k in range(K)])
        phi = np.where(null, accounts.total(), accounts.principal).sum(1)
        both = np.where(null, after.total() + after.early.wealth.sum(-1), after.principal + after.early.principal).sum(
            1
        )
        assert both == pytest.approx(phi, rel=1e-9, abs=1e-300)
        assert (0.8 * budget * both + error <= budget * phi * (1 + 1e-9)).all()
    assert after.own(LONG) == pytest.approx(0.4 * accounts.own(LONG), rel=1e-9, abs=1e-300)
    given_up = without_window(after, np.ones(A, dtype=bool))
    assert given_up.own(LONG) == pytest.approx(0.4 * accounts.own(LONG), rel=1e-9, abs=1e-300)
    assert not given_up.early.chosen.any()


def known(accounts: Accounts, outcomes: float, *, by: int) -> Accounts:
    """The accounts of a belief at 1,000 units a day, with so many outcomes of each option, all ``by`` an age."""
    answered = np.zeros_like(accounts.answered)
    answered[..., by] = outcomes
    return replace(accounts, answered=answered, pace=np.full(A, 1000.0))


def chosen(accounts: Accounts, *, day: int = TODAY + 1, panel: Panel = LONG) -> list[int]:
    return [int(days) for days in windows_for(accounts, panel, day=day, budget=0.05).days]


def test_a_window_is_chosen_once_enough_is_known_and_no_more_changed() -> None:
    fresh = Accounts.first_day(LONG)
    assert chosen(known(fresh, 199, by=2)) == [0] * A
    assert chosen(known(fresh, 1000, by=2)) == [3] * A
    begun = replace(LONG, since=np.full(A, TODAY))  # what was fixed for its first day may be about the one before
    assert chosen(known(fresh, 1000, by=2), day=TODAY, panel=begun) == [0] * A
    assert chosen(known(fresh, 1000, by=50)) == [0] * A
    held = split(fresh, windows(21), LONG, day=TODAY + 1)
    assert chosen(known(held, 1000, by=2)) == [21] * A


def test_the_bound_on_completion_costs_a_part_of_what_is_left() -> None:
    accounts = known(Accounts.first_day(LONG), 1000, by=5)
    rich, poor = (completions(accounts, LONG, budget=budget)[0] for budget in (0.05, 0.05 / 300))
    assert (poor[1:] < rich[1:]).all()
    assert (rich[CANDIDATES >= 7] > 0.97).all()
    shrunk = replace(accounts, wealth=accounts.wealth * 1e-6)
    assert (completions(shrunk, LONG, budget=0.05)[0, 1:] < rich[1:]).all()


@pytest.mark.parametrize("days", [1, 3])
def test_short_horizons_have_no_curves_and_no_windows(days: int) -> None:
    panel = panel_of(persona(options=(4,), days=days))
    accounts = Accounts.first_day(panel)
    assert accounts.answered.shape[-1] == 0
    assert chosen(replace(accounts, pace=np.array([1e9])), panel=panel) == [0]
    assert b"answered" not in block_of(accounts)


def test_values_have_no_windows() -> None:
    panel = panel_of(persona(options=(4,), days=60, value=True))
    assert Accounts.first_day(panel).answered.shape[-1] == 0


def test_accounts_with_windows_come_back_and_a_new_definition_has_none() -> None:
    held = split(known(Accounts.first_day(LONG), 300, by=2), windows(), LONG, day=TODAY + 1)
    again = accounts_from(block_of(held))
    assert near(again, held)
    assert again.early.window.tolist() == [14] * A
    other = replace(LONG, since=LONG.since + 1)
    after = laid_out_for(other, held, LONG)
    assert not after.early.chosen.any()
    assert after.own(other) == pytest.approx(Accounts.first_day(other).own(other))
    assert (after.answered == held.answered).all()


def test_accounts_of_before_learn_ages_from_now_on() -> None:
    old = replace(Accounts.first_day(LONG), answered=np.zeros((A, K, 0)))
    assert laid_out_for(LONG, accounts_from(block_of(old)), LONG).answered.shape == (A, K, 67)


def test_what_is_known_early_corrects_early_and_is_reckoned_again_alike() -> None:
    """Through the loop: within 20 days, answered at once; the window of 3 days is known from day 21 on."""
    rates = np.array([0.03, 0.03, 0.03, 0.03])
    supply = Answering(rates, np.ones(4), within=20, at_once=1.0, units_a_day=10_000, seed=4)
    people = [cells.persona(f"p{i}", days=20) for i in range(4)]
    world = CellWorld(people, supply).run(22)
    assert not world.corrected
    better = Answering(
        np.array([0.03, 0.03, 0.03, 0.06]), np.ones(4), within=20, at_once=1.0, units_a_day=10_000, seed=5
    )
    better.cohorts = supply.cohorts
    world.supply = better
    world.run(14)
    assert [found.new for found in world.corrected.values()] == ["o3"] * 4
    assert all("Judged by the first 3 days" in found.why for found in world.corrected.values())
    assert all(found.units > 0 and found.effect is not None for found in world.corrected.values())
    store = world.context.store
    assert min(WINDOWS.days(store)) > FIRST + timedelta(days=20)
    states = opened_states(world.context.versions())
    for number in range(world.days):
        day = FIRST + timedelta(days=number)
        states = tuple(learn_day(store, each, day, half_life=None)[0] for each in states)
    assert all(near(a.accounts, b.accounts) for a, b in zip(states, world.states, strict=True))
