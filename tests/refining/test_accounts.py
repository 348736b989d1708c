"""The accounts keep their books: what comes in, what moves, what stays."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from laws import law
from living_personas.domain.belief import Subject
from living_personas.memory.account_blocks import accounts_from, block_of
from living_personas.refining.accounts import Accounts, laid_out_for, mature, open_day, restart
from living_personas.refining.ledger import Entry, Means
from living_personas.refining.panel import DayRows, Panel, day_number
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import LIFT_WEIGHTS, Sums
from refining.panels import DAY, accounts_of, panel_of, persona, rows_of

PANEL = panel_of(persona("p", options=(4, 2)), persona("q", options=(3,)))
A, K = PANEL.mask.shape
TODAY = day_number(DAY)
CHALLENGER = PANEL.mask & ~PANEL.is_current
NO_UNITS = rows_of(PANEL, Sums(*(np.zeros((0, K)) for _ in range(3))), np.zeros((0, K)), day=TODAY)


def even(panel: Panel) -> Floats:
    return np.asarray(panel.mask / panel.mask.sum(1, keepdims=True), dtype=np.float64)


def flat(accounts: Accounts) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    parts = {each.name: getattr(accounts, each.name) for each in fields(accounts)}
    score, means, early, sample = (parts.pop(name) for name in ("score", "means", "early", "sample"))
    parts |= {f"early_{each.name}": getattr(early, each.name) for each in fields(early)}
    return {**parts, **sample.to_arrays(), "u": score.u, "v": score.v, "pooled": means.pooled, "strata": means.sums}


def same(one: Accounts, other: Accounts) -> bool:
    here, there = flat(one), flat(other)
    return one.means.keys == other.means.keys and all((here[k] == there[k]).all() for k in here)


@st.composite
def entries(draw: st.DrawFn, day: int = TODAY) -> Entry:
    """Whatever a ledger may say: a nominee that exists, mass that is shared among challengers, any gate."""
    opened = open_day(Accounts.first_day(PANEL), PANEL, day=day)
    nominee = np.array([draw(st.sampled_from([-1, *np.flatnonzero(row).tolist()])) for row in CHALLENGER])
    return replace(opened, nominee=nominee, gate=draw(arrays(np.bool_, (A, K))) & CHALLENGER)


@st.composite
def units(draw: st.DrawFn, panel: Panel = PANEL) -> DayRows:
    shape = panel.mask.shape
    n = draw(arrays(np.int64, shape, elements=st.integers(0, 300))) * panel.mask
    s = np.floor(n * draw(arrays(np.float64, shape, elements=st.floats(0, 1))))
    return rows_of(panel, Sums(n.astype(float), s, s), even(panel), day=TODAY)


def test_challengers_share_the_first_mass() -> None:
    accounts = Accounts.first_day(PANEL)
    assert accounts.total().sum(1) == pytest.approx(np.full(A, 0.8))
    assert accounts.principal == pytest.approx(accounts.total())
    assert not accounts.total()[~CHALLENGER].any()


@settings(max_examples=60)
@given(accounts_of(PANEL), entries())
def test_a_transfer_makes_and_loses_nothing(accounts: Accounts, entry: Entry) -> None:
    """For every set N of options that might be no better, W over N plus B over the rest grows by the mass alone."""
    after = mature(accounts, PANEL, NO_UNITS, entry, half_life=30)
    before_w, after_w, mass = accounts.total(), after.total(), 0.2 / 365 * entry.omega
    for number in range(2**K):
        null = np.array([bool(number >> k & 1) for k in range(K)])
        phi = np.where(null, before_w, accounts.principal).sum(1) + mass.sum(1)
        assert np.where(null, after_w, after.principal).sum(1) == pytest.approx(phi, rel=1e-9)


@settings(max_examples=60)
@given(accounts_of(PANEL), entries())
def test_nobody_gives_more_than_it_was_given_or_has(accounts: Accounts, entry: Entry) -> None:
    after = mature(accounts, PANEL, NO_UNITS, entry, half_life=30)
    mass = 0.2 / 365 * entry.omega
    has, owed = accounts.total() + mass, accounts.principal + mass
    gone = owed - after.principal
    assert (gone <= np.minimum(has, owed) + 1e-12).all()
    assert (after.principal >= 0).all()
    assert (after.wealth >= 0).all()
    named = (entry.nominee >= 0) & (entry.nominee != accounts.nominee)
    assert (np.abs(gone[~named]) < 1e-12).all()
    gives = CHALLENGER & named[:, None] & (np.arange(K) != entry.nominee[:, None])
    assert gone[gives] == pytest.approx(np.minimum(has, owed)[gives])


@settings(max_examples=40)
@given(accounts_of(PANEL), entries())
def test_a_nomination_that_stands_moves_nothing_again(accounts: Accounts, entry: Entry) -> None:
    once = mature(accounts, PANEL, NO_UNITS, entry, half_life=30)
    again = mature(once, PANEL, NO_UNITS, entry, half_life=30)
    mass = 0.2 / 365 * entry.omega
    assert again.principal == pytest.approx(once.principal + mass)
    assert again.total() == pytest.approx(once.total() + mass)


def test_a_year_brings_a_fifth() -> None:
    accounts = Accounts.first_day(PANEL)
    for day in range(365):
        accounts = mature(accounts, PANEL, NO_UNITS, open_day(accounts, PANEL, day=TODAY + day), half_life=30)
    assert accounts.total().sum(1) == pytest.approx(np.full(A, 1.0))
    assert accounts.principal.sum(1) == pytest.approx(np.full(A, 1.0))


def expected_phi(w_nominal: float, pbar_units: float) -> tuple[Floats, Floats]:
    """Phi before and after one day of one unit, added up over its assignment and outcome: 1, 2 null, 3 better."""
    panel = panel_of(persona(options=(4,)))
    accounts = replace(Accounts.first_day(panel), nominee=np.array([3]))
    means = Means(pooled=np.array([[pbar_units, pbar_units * 0.3, 0.0]]), keys=(), sums=np.zeros((0, 3)))
    entry = replace(open_day(accounts, panel, day=TODAY), nominee=np.array([1]), means=means)
    entry = replace(entry, gate=np.array([[False, True, True, True]]))
    shares = np.array([[1 - w_nominal, *[w_nominal / 3] * 3]])
    rates = np.array([0.1, 0.1, 0.05, 0.3])
    phi = 0.0
    for k in range(4):
        for y, p in ((1.0, rates[k]), (0.0, 1 - rates[k])):
            one = np.zeros((1, 4))
            one[0, k] = 1.0
            after = mature(
                accounts, panel, rows_of(panel, Sums(one, one * y, one * y), shares, day=TODAY), entry, half_life=30
            )
            phi += shares[0, k] * p * float(after.total()[0, [1, 2]].sum() + after.principal[0, 3])
    before = float(accounts.total()[0, [1, 2]].sum() + accounts.principal[0, 3]) + 0.2 / 365
    return np.array([before]), np.array([phi])


@law()
@given(st.floats(0.1, 0.9), st.floats(1, 1e4))
def test_the_bound_is_a_supermartingale(w: float, known: float) -> None:
    """Transfers to a worthless nominee, bets by all: Phi's mean grows by the new mass at most."""
    before, after = expected_phi(w, known)
    assert after[0] <= before[0] + 1e-12


@settings(max_examples=40)
@given(accounts_of(PANEL), entries(), units())
def test_a_definition_that_is_younger_than_the_day_keeps_its_accounts(
    accounts: Accounts, entry: Entry, rows: DayRows
) -> None:
    young = replace(PANEL, since=np.array([TODAY + 1, 0, TODAY + 5]))
    after = mature(accounts, young, rows, entry, half_life=30)
    for name in ("wealth", "principal", "reverse", "nominee"):
        assert (getattr(after, name)[[0, 2]] == getattr(accounts, name)[[0, 2]]).all(), name
    assert (after.means.pooled[:, 0] == rows.sums.n.sum(1)).all()


@law()
@given(accounts_of(PANEL), units())
def test_an_account_that_may_not_bet_waits(accounts: Accounts, rows: DayRows) -> None:
    shut = replace(
        open_day(accounts, PANEL, day=TODAY),
        gate=np.zeros((A, K), dtype=bool),
        nominee=np.full(A, -1),
        omega=np.zeros((A, K)),
    )
    after = mature(accounts, PANEL, rows, shut, half_life=30)
    assert (after.wealth == accounts.wealth).all()


@settings(max_examples=40)
@given(accounts_of(PANEL), units(), st.text(max_size=4))
def test_accounts_come_back_from_bytes_exactly(accounts: Accounts, rows: DayRows, stratum: str) -> None:
    named = replace(rows, stratum=tuple(f"{i}\n|{stratum}|" for i in range(len(rows))))
    lived = mature(accounts, PANEL, named, open_day(accounts, PANEL, day=TODAY), half_life=30)
    block = block_of(lived)
    assert same(accounts_from(block), lived)
    assert block_of(accounts_from(block)) == block


def test_no_accounts_come_back_from_bytes() -> None:
    fresh = Accounts.first_day(PANEL)
    assert same(accounts_from(block_of(fresh)), fresh)


@given(accounts_of(PANEL), arrays(np.bool_, (A,)))
def test_restart_gives_fresh_accounts_and_keeps_what_was_learned(
    accounts: Accounts, which: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> None:
    learned = replace(accounts, pace=np.linspace(1.0, 2.0, A, dtype=np.float64))
    after, fresh = restart(learned, PANEL, which), Accounts.first_day(PANEL)
    for name in ("wealth", "principal", "reverse", "nominee"):
        assert (getattr(after, name)[which] == getattr(fresh, name)[which]).all()
        assert (getattr(after, name)[~which] == getattr(accounts, name)[~which]).all()
    assert (after.pace == learned.pace).all()


@settings(max_examples=40)
@given(accounts_of(PANEL), units())
def test_the_same_panel_in_other_company_keeps_everything(accounts: Accounts, rows: DayRows) -> None:
    lived = mature(accounts, PANEL, rows, open_day(accounts, PANEL, day=TODAY), half_life=30)
    wider = panel_of(
        persona("a", options=(5,)), persona("p", options=(4, 2)), persona("q", options=(3,)), persona("z", options=(2,))
    )
    there = laid_out_for(wider, lived, PANEL)
    back = laid_out_for(PANEL, there, wider)
    assert same(back, lived)
    assert same(laid_out_for(PANEL, lived, PANEL), lived)
    new = wider.index(Subject(persona="a", attribute="a0"))
    assert (there.wealth[new] == Accounts.first_day(wider).wealth[new]).all()


@settings(max_examples=40)
@given(accounts_of(PANEL), units())
def test_a_new_value_starts_anew_and_new_options_forget(accounts: Accounts, rows: DayRows) -> None:
    lived = mature(accounts, PANEL, rows, open_day(accounts, PANEL, day=TODAY), half_life=30)
    corrected = replace(PANEL, current=np.array([1, 0, 0]), since=np.array([TODAY + 1, 0, 0]))
    there = laid_out_for(corrected, lived, PANEL)
    assert (there.wealth[0] == Accounts.first_day(corrected).wealth[0]).all()
    assert (there.score.u == lived.score.u).all()
    assert (there.wealth[1:] == lived.wealth[1:]).all()
    renamed = replace(PANEL, options=(("x", "y", "z", "w"), *PANEL.options[1:]))
    anew = laid_out_for(renamed, lived, PANEL)
    assert not anew.score.u[0].any()
    assert anew.pace[0] == 0


@given(units(), st.permutations([1, 2, 3]))
def test_relabelling_options_permutes_the_accounts(rows: DayRows, order: list[int]) -> None:
    panel = panel_of(persona(options=(4,)))
    pick = [0, *order]
    one = rows_of(panel, Sums(*(part[:1] for part in rows.sums)), np.array([[0.4, 0.3, 0.2, 0.1]]), day=TODAY)
    other = replace(one, sums=Sums(*(part[:, pick] for part in one.sums)), shares=one.shares[:, pick])
    accounts = Accounts.first_day(panel)
    entry = replace(
        open_day(accounts, panel, day=TODAY), gate=np.array([[False, True, True, True]]), nominee=np.array([-1])
    )
    entry = replace(entry, omega=np.zeros((1, 4)))
    here, there = (mature(accounts, panel, each, entry, half_life=30) for each in (one, other))
    assert there.wealth == pytest.approx(here.wealth[:, pick])
    assert there.reverse == pytest.approx(here.reverse[:, pick])
    assert there.sample.log == pytest.approx(here.sample.log)


def test_wealth_that_nobody_cashes_stays_a_number() -> None:
    """An attribute that is only observed, with a million units a day: no overflow (warnings are errors here)."""
    panel = panel_of(persona(options=(2,)))
    accounts = Accounts.first_day(panel)
    n = np.array([[1e6, 1e6]])
    s = np.array([[1e4, 3e4]])
    rows = rows_of(panel, Sums(n, s, s), np.array([[0.5, 0.5]]), day=TODAY)
    for day in range(4):
        entry = replace(open_day(accounts, panel, day=TODAY + day), gate=np.array([[False, True]]))
        accounts = mature(accounts, panel, rows, entry, half_life=30)
    assert np.isfinite(accounts.wealth).all()
    assert accounts.total()[0, 1] > 1e100


def test_the_mixture_begins_with_its_weights() -> None:
    fresh = Accounts.first_day(PANEL)
    assert fresh.wealth[0, 1] / fresh.total()[0, 1] == pytest.approx(LIFT_WEIGHTS)
    assert np.exp(fresh.confirmation(PANEL)) == pytest.approx(np.ones(A))
