"""The accounts of splits: what they are given, what a flip for everybody and a change of leaf may cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from living_personas.refining.splits.split_accounts import FIRST_MASS, YEARLY_MASS, SplitAccounts
from living_personas.stats.arrays import Floats
from worlds.cells import rng

factors = arrays(np.float64, st.tuples(st.integers(1, 12), st.just(3)), elements=st.floats(-3, 3))


def played(logs: Floats, *, flips: int = 1) -> SplitAccounts:
    accounts = SplitAccounts.first_day(logs.shape[1], flips=flips)
    for each in logs:
        accounts = accounts.after(each)
    return accounts


@given(logs=factors, at=st.integers(0, 12), suits=st.tuples(st.integers(0, 2), st.integers(0, 2)))
def test_the_smallest_account_never_exceeds_that_of_what_suited_everybody(
    logs: Floats, at: int, suits: tuple[int, int]
) -> None:
    """Whichever option suits all, and if it changes once on any day: this is what the promise rests on."""
    log, given_daily = np.log(FIRST_MASS), np.log(YEARLY_MASS / 365)
    accounts = SplitAccounts.first_day(3)
    for day, each in enumerate(logs):
        log = np.logaddexp(log, given_daily) + each[suits[day >= at]]
        accounts = accounts.after(each)
        assert accounts.claimed <= log + 1e-9
        assert accounts.proven <= log + 1e-9


@given(logs=factors)
def test_allowing_more_flips_never_makes_a_claim_sooner(logs: Floats) -> None:
    claims = [played(logs, flips=flips).claimed for flips in (0, 1, 2)]
    assert claims == sorted(claims, reverse=True)


@given(
    logs=factors,
    moves=st.lists(st.sampled_from(["leaf", "level", "none"]), min_size=12, max_size=12),
    suits=arrays(np.int64, 12, elements=st.integers(-1, 2)),
)
def test_what_moves_to_another_leaf_was_held_by_whatever_was_null(
    logs: Floats, moves: list[str], suits: Floats
) -> None:
    """Phi: the account of the option that suits both parts of the leaf of the day, the principal where none (-1) does.

    It grows by no more than the day's mass and factor, whoever chooses the leaves; and the smallest account, which must
    reach the bar, is at most Phi.
    """
    accounts, suited = SplitAccounts.first_day(3), int(suits[0])
    mass = np.log(YEARLY_MASS / 365)
    phi = np.log(FIRST_MASS)
    for day, each in enumerate(logs):
        phi = np.logaddexp(phi, mass) + (each[suited] if suited >= 0 else 0.0)
        accounts = accounts.after(each)
        if moves[day] == "leaf":
            accounts, suited = accounts.on_another_leaf(), int(suits[day])
        elif moves[day] == "level":
            accounts = accounts.levelled()
        held = accounts.rule[-1, suited] if suited >= 0 else accounts.principal
        assert held <= phi + 1e-9
        assert suited < 0 or accounts.proven <= phi + 1e-9


@given(logs=factors)
def test_a_correction_gives_nothing(logs: Floats) -> None:
    accounts = played(logs)
    level = accounts.levelled()
    assert level.claimed == accounts.claimed
    assert (level.claim == accounts.claimed).all()
    assert level.proven == accounts.proven


def fair_days(worlds: int, days: int, seed: int) -> Floats:
    """Log factors of bets against three options, all fair: shape (worlds, days, 3)."""
    draw = rng(seed).normal(0, 0.5, (worlds, days, 3))
    return np.asarray(draw - 0.125)


def test_where_every_bet_is_fair_few_claims_are_made_and_without_the_minimum_many() -> None:
    """5 % a year at most; the largest of three accounts is the control."""
    reached = {"least": 0, "most": 0}
    logs = fair_days(400, 100, seed=7)
    for world in logs:
        accounts = SplitAccounts.first_day(3)
        most = -np.inf
        least = -np.inf
        for each in world:
            accounts = accounts.after(each)
            least, most = max(least, accounts.claimed), max(most, float(accounts.claim[0].max()))
        reached["least"] += least >= np.log(20)
        reached["most"] += most >= np.log(20)
    assert reached["least"] <= 20
    assert reached["most"] > 20


def flipped(first: float, then: float, *, flips: int) -> float:
    """The claim when 0 suits everybody for 100 days, then 1: each account grows while its option does not suit."""
    days = [np.array([-0.01, first])] * 100 + [np.array([then, -0.01])] * 100
    return played(np.array(days), flips=flips).claimed


def test_one_flip_for_everybody_is_no_split() -> None:
    """Allowed no change at all, the accounts would take it for one: the control."""
    assert flipped(0.2, 0.2, flips=0) > np.log(20)
    assert flipped(0.2, 0.2, flips=1) < np.log(20)


@settings(max_examples=20)
@given(growth=st.floats(0.02, 0.3))
def test_what_two_parts_want_is_claimed(growth: float) -> None:
    """Each option is refuted in one part every day: a flip allowed costs little."""
    accounts = played(np.full((int(6 / growth), 2), growth))
    assert accounts.claimed >= np.log(20)
    assert accounts.claimed == pytest.approx(played(np.full((int(6 / growth), 2), growth), flips=0).claimed)
