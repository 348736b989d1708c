"""Small panels, rows and accounts for the laws of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona
from living_personas.refining.accounts import Accounts
from living_personas.refining.apply import baseline
from living_personas.refining.panel import DayRows, Panel
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums

DAY = date(2026, 3, 1)


def goal(*, value: bool = False, days: int = 1) -> Goal:
    within = timedelta(days=days)
    return (
        Goal(event="Bought", within=within, value="price", at_most=100.0) if value else Goal(event="B", within=within)
    )


def persona(name: str = "p", *, options: Sequence[int] = (4,), value: bool = False, days: int = 1) -> Persona:
    """A persona with an attribute for each number of options; it believes in the first of each."""
    return Persona(
        id=name,
        name=name,
        who="true",
        goal=goal(value=value, days=days),
        attributes=tuple(
            Attribute(name=f"a{i}", options=tuple(f"o{k}" for k in range(count)), believed="o0")
            for i, count in enumerate(options)
        ),
    )


def panel_of(*personas: Persona) -> Panel:
    return Panel.of([baseline(each, day=DAY) for each in personas])


def rows_of(panel: Panel, sums: Sums, shares: Floats, *, day: int, subject: Sequence[int] | None = None) -> DayRows:
    """One row a subject, unless told which subjects."""
    count = sums.n.shape[0]
    return DayRows(
        subject=np.array(subject if subject is not None else range(count), dtype=np.int64),
        cohort=np.full(count, day),
        stratum=tuple(f"|s{i}" for i in range(count)),
        sums=sums,
        shares=shares,
    )


@st.composite
def accounts_of(draw: st.DrawFn, panel: Panel) -> Accounts:
    """Accounts in any state, reached or not: what a transfer may do must not depend on it."""
    fresh = Accounts.first_day(panel)
    challenger = panel.mask & ~panel.is_current
    positive = st.floats(0, 50) | st.sampled_from([0.0, 1e-300, 1e120])
    wealth = draw(arrays(np.float64, fresh.wealth.shape, elements=positive)) * challenger[..., None]
    principal = draw(arrays(np.float64, fresh.principal.shape, elements=st.floats(0, 2))) * challenger
    nominee = draw(arrays(np.int64, fresh.nominee.shape, elements=st.integers(-1, panel.width - 1)))
    return replace(fresh, wealth=wealth, principal=principal, nominee=nominee)
