"""Guardrails: harm beyond the margin is found, harm that is not there is not."""

from __future__ import annotations

import numpy as np
import pytest

from living_personas.domain.goal import Guardrail
from living_personas.refining.harm import harm_wealth
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


def ever(rows: DayRows, guardrail: Guardrail) -> float:
    """The largest wealth on any day."""
    days = range(1, len(rows) + 1)
    return max(harm_wealth(rows.where(rows.cohort < day), PANEL, guardrail, new="o1", old="o0")[0] for day in days)


@pytest.mark.promise("P18")
def test_no_units_are_no_harm() -> None:
    assert harm_wealth(lived(0, 0, np.full(3, 0.1), seed=1), PANEL, RISE, new="o1", old="o0") == (1.0, 0)


@pytest.mark.parametrize("guardrail", [RISE, SHARE], ids=["points", "share"])
def test_what_harms_no_more_is_left_alone(guardrail: Guardrail) -> None:
    """150 worlds at the edge of the margin, looked at daily for 40 days: 5 % may be taken back, here far fewer."""
    worlds = [lived(40, 1000, np.array([0.02, 0.022, 0.02]), seed=seed) for seed in range(150)]
    assert sum(ever(rows, guardrail) >= 20 for rows in worlds) <= 7


@pytest.mark.promise("P17")
def test_half_as_many_unsubscribes_again_are_found() -> None:
    worlds = [lived(60, 2000, np.array([0.02, 0.03, 0.02]), seed=seed) for seed in range(60)]
    assert sum(harm_wealth(rows, PANEL, RISE, new="o1", old="o0")[0] >= 20 for rows in worlds) >= 57


def test_a_drop_is_harm_where_a_rise_is_not() -> None:
    generator = np.random.Generator(np.random.PCG64(9))
    n = generator.multinomial(2000, SHARES, size=40).astype(float)
    mean = np.array([10.0, 8.0, 10.0])
    rows = rows_of(PANEL, Sums(n, n * mean, n * (mean**2 + 25)), np.tile(SHARES, (40, 1)), day=0, subject=[0] * 40)
    days = DayRows(subject=rows.subject, cohort=np.arange(40), stratum=rows.stratum, sums=rows.sums, shares=rows.shares)
    assert harm_wealth(days, PANEL, MARGIN, new="o1", old="o0")[0] >= 20
    assert harm_wealth(days, PANEL, MARGIN, new="o0", old="o1")[0] < 1


def test_units_are_those_of_the_two_options_with_known_shares() -> None:
    rows = lived(5, 100, np.full(3, 0.1), seed=3)
    rows.shares[0] = [1.0, 0.0, 0.0]
    _, units = harm_wealth(rows, PANEL, RISE, new="o1", old="o0")
    assert units == rows.sums.n[1:, :2].sum()
