"""Guardrails: harm beyond the margin is found, harm that is not there is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.goal import Guardrail
from living_personas.domain.harm_account import NOTHING_PLAYED
from living_personas.refining.harm import harm_account, harm_wealth
from living_personas.refining.panel import DayRows
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums
from refining.panels import panel_of, persona, rows_of

PANEL = panel_of(persona(options=(3,)))
SHARES = np.array([0.35, 0.55, 0.1])
RISE = Guardrail(metric="Unsubscribed", event="Unsubscribed", points=0.002)
SHARE = Guardrail(metric="Unsubscribed", event="Unsubscribed", share=0.1)
MARGIN = Guardrail(metric="margin", event="Ordered", value="margin", at_most=30.0, direction="drop", share=0.03)


def lived(days: int, units: int, outcome: Floats, *, seed: int) -> DayRows:
    """Days of units whose outcomes are yes or no; harm is looked for in the second option."""
    generator = np.random.Generator(np.random.PCG64(seed))
    n = generator.multinomial(units, SHARES, size=days).astype(float)
    s = generator.binomial(n.astype(int), outcome).astype(float)
    rows = rows_of(PANEL, Sums(n, s, s), np.tile(SHARES, (days, 1)), day=0, subject=[0] * days)
    return DayRows(
        subject=rows.subject, cohort=np.arange(days), stratum=rows.stratum, sums=rows.sums, shares=rows.shares
    )


def wealth(rows: DayRows, guardrail: Guardrail) -> float:
    """What the account of the second option beside the first holds after all rows."""
    return harm_wealth(harm_account(rows, PANEL, guardrail, new="o1", old="o0"))


def ever(rows: DayRows, guardrail: Guardrail) -> float:
    """The largest wealth on any day."""
    days = range(1, len(rows) + 1)
    return max(wealth(rows.where(rows.cohort < day), guardrail) for day in days)


@pytest.mark.promise("P18")
def test_no_units_are_no_harm() -> None:
    nothing = harm_account(lived(0, 0, np.full(3, 0.1), seed=1), PANEL, RISE, new="o1", old="o0")
    assert (harm_wealth(nothing), nothing.units) == (1.0, 0)


@pytest.mark.parametrize("guardrail", [RISE, SHARE], ids=["points", "share"])
def test_what_harms_no_more_is_left_alone(guardrail: Guardrail) -> None:
    """150 worlds at the edge of the margin, looked at daily for 40 days: 5 % may be taken back, here far fewer."""
    worlds = [lived(40, 1000, np.array([0.02, 0.022, 0.02]), seed=seed) for seed in range(150)]
    assert sum(ever(rows, guardrail) >= 20 for rows in worlds) <= 7


@pytest.mark.promise("P17")
def test_half_as_many_unsubscribes_again_are_found() -> None:
    worlds = [lived(60, 2000, np.array([0.02, 0.03, 0.02]), seed=seed) for seed in range(60)]
    assert sum(wealth(rows, RISE) >= 20 for rows in worlds) >= 57


def test_a_drop_is_harm_where_a_rise_is_not() -> None:
    generator = np.random.Generator(np.random.PCG64(9))
    n = generator.multinomial(2000, SHARES, size=40).astype(float)
    mean = np.array([10.0, 8.0, 10.0])
    rows = rows_of(PANEL, Sums(n, n * mean, n * (mean**2 + 25)), np.tile(SHARES, (40, 1)), day=0, subject=[0] * 40)
    days = DayRows(subject=rows.subject, cohort=np.arange(40), stratum=rows.stratum, sums=rows.sums, shares=rows.shares)
    assert wealth(days, MARGIN) >= 20
    assert harm_wealth(harm_account(days, PANEL, MARGIN, new="o0", old="o1")) < 1


def test_units_are_those_of_the_two_options_with_known_shares() -> None:
    rows = lived(5, 100, np.full(3, 0.1), seed=3)
    rows.shares[0] = [1.0, 0.0, 0.0]
    assert harm_account(rows, PANEL, RISE, new="o1", old="o0").units == rows.sums.n[1:, :2].sum()


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 29), unique=True).map(sorted), st.sampled_from([RISE, SHARE]))
def test_some_cohorts_and_those_after_them_are_all_to_the_bit(seed: int, ends: list[int], guardrail: Guardrail) -> None:
    rows = lived(30, 40, np.array([0.1, 0.3, 0.0]), seed=seed)
    rows.shares[seed % 30] = [1.0, 0.0, 0.0]
    found, begin = NOTHING_PLAYED, 0
    for end in (*ends, 30):
        more = rows.where((rows.cohort >= begin) & (rows.cohort < end))
        found, begin = harm_account(more, PANEL, guardrail, new="o1", old="o0", before=found), end
    assert found == harm_account(rows, PANEL, guardrail, new="o1", old="o0")
