"""How many customers and days it would take to overturn each belief, at the traffic seen, and what settings cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from living_personas.domain.belief import Subject
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.closing import closed_through, kept_states, renewed
from living_personas.loop.context import Context
from living_personas.loop.corrections.promised import budget_of_each, budget_of_first
from living_personas.loop.learning.learn import EvidenceState, cells_between, shares_of
from living_personas.loop.previews.prices import Price, Traffic, prices
from living_personas.refining.completion import Arrivals
from living_personas.refining.panel import DayRows, day_number
from living_personas.refining.windows import completions
from living_personas.stats.arrays import Floats
from living_personas.stats.power import Steady, steady_part

__all__ = ["PLANNED_LIFTS", "PRICED_LIFT", "BeliefPlan", "TimeToKnow", "plan_beliefs", "plans_of", "traffic_of"]

PLANNED_LIFTS = (0.05, 0.1, 0.2, 0.5)
"""By how much another option might be better."""

PRICED_LIFT = 0.2
"""The lift for which settings are priced."""

SEEN_DAYS = 60
"""Complete days from which it is told what comes by itself, day by day."""


@value
class TimeToKnow:
    """If another option is better by ``lift`` (relative): units, and days at today's pace, until that is known.

    The days that outcomes are waited for are among them.
    """

    lift: float
    units: int
    days: int


@value
class BeliefPlan:
    """How long a belief would stand against better options.

    ``units_a_day`` and ``rate`` are what was seen lately; None, with empty ``times``, while too little was. Lifts of no
    more than ``worth_changing`` have no time: the belief then stands. ``wait_days`` are those until the outcomes of a
    day's units are known. ``prices`` are what other settings would cost, at
    a lift of ``PRICED_LIFT``.
    """

    subject: Subject
    value: str
    units_a_day: float | None
    rate: float | None
    times: tuple[TimeToKnow, ...]
    worth_changing: float = 0.0
    options: int = 2
    wait_days: int = 0
    prices: tuple[Price, ...] = ()


def plan_beliefs(context: Context) -> tuple[BeliefPlan, ...]:
    """A plan for every belief, at the traffic and success rate that the states remember, with its prices."""
    states = renewed(context, kept_states(context))
    return tuple(plan for state in states for plan in _priced(context, state))


def plans_of(states: Iterable[EvidenceState], *, alpha: float) -> tuple[BeliefPlan, ...]:
    """A plan for every belief that the states are about."""
    return tuple(_plan(each, a, alpha=alpha) for each in states for a in range(len(each.panel)))


def traffic_of(state: EvidenceState, a: int) -> Traffic | None:
    """What comes to a belief, as was seen lately; None while too little was."""
    panel, accounts = state.panel, state.accounts
    n, successes = float(accounts.means.pooled[a, 0]), float(accounts.means.pooled[a, 1])
    pace = float(accounts.pace[a])
    if pace <= 0 or not 0 < successes < n or panel.is_value[a]:
        return None
    return Traffic(
        units_a_day=pace,
        rate=successes / n,
        options=len(panel.options[a]),
        wait=int(panel.wait[a]),
        horizon=int(panel.horizon[a]),
        margin=float(panel.margin[a]) - 1,
        window=int(accounts.early.window[a]),
        completion=float(accounts.early.completion[a]),
    )


def _plan(state: EvidenceState, a: int, *, alpha: float) -> BeliefPlan:
    panel, traffic = state.panel, traffic_of(state, a)
    return BeliefPlan(
        subject=panel.subjects[a],
        value=panel.options[a][int(panel.current[a])],
        units_a_day=traffic.units_a_day if traffic else None,
        rate=traffic.rate if traffic else None,
        times=_times(traffic, alpha) if traffic else (),
        worth_changing=round(float(panel.margin[a]) - 1, 12),
        options=len(panel.options[a]),
        wait_days=int(panel.wait[a]),
    )


def _priced(context: Context, state: EvidenceState) -> Iterable[BeliefPlan]:
    budget, steady = budget_of_first(context), _steady(context, state)
    bounds = completions(state.accounts, state.panel, budget=budget_of_each(context))
    for a in range(len(state.panel)):
        plan, traffic = _plan(state, a, alpha=budget), traffic_of(state, a)
        found = (
            prices(traffic, lift=PRICED_LIFT, alpha=context.alpha, first=budget, steady=steady.get(a), bounds=bounds[a])
            if traffic
            else ()
        )
        yield replace(plan, prices=found)


def _steady(context: Context, state: EvidenceState) -> dict[int, Steady]:
    """By subject, what comes by itself, from the complete units of the last days; none where that cannot be told."""
    closed, panel = closed_through(context), state.panel
    if closed is None:
        return {}
    last = closed - timedelta(days=state.wait)
    first = last - timedelta(days=SEEN_DAYS - 1)
    cells = cells_between(context.store, first, closed)
    shares = shares_of(context.store, cells)
    rows, came = DayRows.of(cells, panel, shares), Arrivals.of(cells, panel, shares)
    begins, ends = day_number(first), day_number(last)
    came = came.where((came.cohort >= begins) & (came.cohort <= ends))
    rows = rows.where((rows.cohort >= begins) & (rows.cohort <= ends))
    by_age = came.counted(came.age, (len(panel), panel.width, state.wait + 1)).sum(1)
    found: dict[int, Steady] = {}
    for a in range(len(panel)):
        try:
            found[a] = steady_part(by_age[a], _units(rows, a))
        except InsufficientEvidenceError:
            continue
    return found


def _units(rows: DayRows, a: int) -> float:
    mine: Floats = rows.sums.n[rows.subject == a]
    return float(mine.sum())


def _times(traffic: Traffic, alpha: float) -> tuple[TimeToKnow, ...]:
    found = []
    for lift in PLANNED_LIFTS:
        try:
            units, days = traffic.time(lift, alpha=alpha)
        except InsufficientEvidenceError:
            continue
        found.append(TimeToKnow(lift=lift, units=units, days=days))
    return tuple(found)
