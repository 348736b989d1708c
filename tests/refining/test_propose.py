"""What the accounts say: whose account reached its bar, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from living_personas.domain.persona import Persona
from living_personas.domain.refinement import Refinement
from living_personas.refining.accounts import Accounts, carried, laid_out_for, mature, open_day
from living_personas.refining.apply import baseline
from living_personas.refining.panel import Panel, day_number
from living_personas.refining.propose import Due, Evidence, due, propose
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import LIFT_WEIGHTS, Sums
from refining.panels import DAY, panel_of, persona, rows_of

ALPHA = 0.05
TODAY = day_number(DAY)


def worth(lift: float, *, options: int = 2) -> Persona:
    asked = persona(options=(options,))
    return replace(asked, attributes=tuple(replace(each, worth_changing=lift) for each in asked.attributes))


def said(accounts: Accounts, panel: Panel, asked: Persona) -> tuple[Due, list[Refinement]]:
    versions = {"p": baseline(asked, day=DAY)}
    bars = np.full(len(panel), 1 / ALPHA)
    ready = due(accounts, panel, versions=versions, alpha=ALPHA, bars=bars)
    none = rows_of(panel, Sums(*(np.zeros((0, panel.width)) for _ in range(3))), np.zeros((0, panel.width)), day=TODAY)
    evidence = Evidence(rows=none, alpha=ALPHA)
    found = propose(ready, accounts, panel, versions=versions, evidence=evidence, day=DAY)
    return ready, [*found]


def lived(
    asked: Persona, rates: tuple[float, float], *, units: float = 10_000, days: int = 20
) -> tuple[Accounts, Panel]:
    """Days on which both options have exactly their rates, and the challenger may bet."""
    panel = panel_of(asked)
    accounts = Accounts.first_day(panel)
    n = np.full((1, 2), units)
    won: Floats = np.round(n * np.array([rates]))
    for day in range(days):
        rows = rows_of(panel, Sums(n, won, won), np.full((1, 2), 0.5), day=TODAY + day)
        entry = replace(open_day(accounts, panel, day=TODAY + day), gate=np.array([[False, True]]))
        accounts = mature(accounts, panel, rows, entry, half_life=None)
    return accounts, panel


def test_only_an_own_account_overturns() -> None:
    """A sum that several better options fill is no proof of any of them; each account by itself is."""
    asked = persona(options=(4,))
    panel = panel_of(asked)
    filled = np.array([[0.0, 9.0, 8.0, 7.0]])
    accounts = replace(Accounts.first_day(panel), wealth=filled[..., None] * LIFT_WEIGHTS)
    assert accounts.own(panel).sum() > 1 / ALPHA
    assert not said(accounts, panel, asked)[0]
    full = replace(accounts, wealth=np.array([[0.0, 9.0, 20.5, 7.0]])[..., None] * LIFT_WEIGHTS)
    (found,) = said(full, panel, asked)[1]
    assert (found.new, found.grade) == ("o2", "proven")
    assert found.wealth == pytest.approx(20.5)


def test_a_bar_of_its_own_holds_for_corrections_only() -> None:
    asked = persona(options=(2,))
    panel = panel_of(asked)
    accounts = replace(Accounts.first_day(panel), wealth=np.array([[0.0, 25.0]])[..., None] * LIFT_WEIGHTS)
    versions = {"p": baseline(asked, day=DAY)}
    high = due(accounts, panel, versions=versions, alpha=ALPHA, bars=np.array([400.0]))
    low = due(accounts, panel, versions=versions, alpha=ALPHA, bars=np.array([20.0]))
    assert (high.overturned, low.overturned) == ((), (0,))


@pytest.mark.parametrize(
    ("rates", "grade"),
    [
        ((0.03, 0.036), "proven"),  # 20 % better, where 10 % are worth changing
        ((0.03, 0.033), "not yet known to be worth it"),  # 10 %: better for sure, and as good as the margin
        ((0.03, 0.0312), "real but small"),  # 4 %: with enough units both are known
    ],
)
def test_what_is_said_of_a_lift(rates: tuple[float, float], grade: str) -> None:
    accounts, panel = lived(worth(0.1), rates, units=100_000)
    (found,) = said(accounts, panel, worth(0.1))[1]
    assert (found.new, found.grade) == ("o1", grade)


def test_what_is_no_better_is_not_real() -> None:
    accounts, panel = lived(worth(0.1), (0.03, 0.03), units=100_000)
    ready, found = said(accounts, panel, worth(0.1))
    assert not ready.overturned
    assert not ready.beaten
    assert all(each.kind == "confirm" for each in found)


def test_without_a_margin_the_other_accounts_rest() -> None:
    accounts, panel = lived(worth(0.0), (0.03, 0.04))
    fresh = Accounts.first_day(panel)
    assert not accounts.any_better.any()
    assert (accounts.short == fresh.short).all()


def test_the_account_of_any_difference_is_the_account_without_a_margin() -> None:
    """With two options there is nothing to transfer, so that both are the same bets."""
    plain, _ = lived(worth(0.0), (0.03, 0.033))
    asked, _ = lived(worth(0.1), (0.03, 0.033))
    assert asked.any_better == pytest.approx(plain.wealth, rel=1e-12)
    assert asked.total()[0, 1] < plain.total()[0, 1]


def test_another_margin_starts_anew() -> None:
    accounts, old = lived(worth(0.1), (0.03, 0.036))
    panel = panel_of(worth(0.2))
    moved = laid_out_for(panel, accounts, old)
    assert (moved.wealth == Accounts.first_day(panel).wealth).all()
    assert (moved.score.u == accounts.score.u).all()


def test_accounts_of_a_version_before_asked_for_any_difference() -> None:
    accounts, panel = lived(worth(0.1), (0.03, 0.036))
    older = replace(accounts, any_better=accounts.wealth * np.nan, short=accounts.short * np.nan)
    found = carried(older, panel)
    assert (found.any_better == accounts.wealth).all()
    assert (found.wealth == Accounts.first_day(panel).wealth).all()
    assert carried(accounts, panel) is accounts
    even = panel_of(worth(0.0))
    assert (carried(older, even).wealth == accounts.wealth).all()
