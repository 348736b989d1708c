"""How many customers and days it would take to overturn each belief, at the traffic seen."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from living_personas.domain.belief import Subject
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.closing import kept_states, renewed
from living_personas.loop.context import Context
from living_personas.loop.learn import EvidenceState
from living_personas.loop.promised import budget_of_first
from living_personas.stats.power import expected_units, growth_per_unit

__all__ = ["PLANNED_LIFTS", "BeliefPlan", "TimeToKnow", "plan_beliefs", "plans_of", "price_of_margin"]

PLANNED_LIFTS = (0.05, 0.1, 0.2, 0.5)
"""By how much another option might be better."""


@value
class TimeToKnow:
    """If another option is better by ``lift`` (relative): units, and days at today's pace, until that is known."""

    lift: float
    units: int
    days: int


@value
class BeliefPlan:
    """How long a belief would stand against better options.

    ``units_a_day`` and ``rate`` are what was seen lately; None, with empty ``times``, while too little was. Lifts of no
    more than ``worth_changing`` have no time: the belief then stands.
    """

    subject: Subject
    value: str
    units_a_day: float | None
    rate: float | None
    times: tuple[TimeToKnow, ...]
    worth_changing: float = 0.0


def price_of_margin(rate: float, lift: float, *, margin: float) -> float:
    """How many times the units it takes to know that a lift is larger than a margin, instead of that there is one."""
    return growth_per_unit(rate, lift) / growth_per_unit(rate, lift, margin=margin)


def plan_beliefs(context: Context) -> tuple[BeliefPlan, ...]:
    """A plan for every belief, at the traffic and success rate that the states remember."""
    return plans_of(renewed(context, kept_states(context)), alpha=budget_of_first(context))


def plans_of(states: Iterable[EvidenceState], *, alpha: float) -> tuple[BeliefPlan, ...]:
    """A plan for every belief that the states are about."""
    return tuple(_plan(each, a, alpha=alpha) for each in states for a in range(len(each.panel)))


def _plan(state: EvidenceState, a: int, *, alpha: float) -> BeliefPlan:
    panel, accounts = state.panel, state.accounts
    n, successes = float(accounts.means.pooled[a, 0]), float(accounts.means.pooled[a, 1])
    pace = float(accounts.pace[a])
    known = pace > 0 and 0 < successes < n and not panel.is_value[a]
    return BeliefPlan(
        subject=panel.subjects[a],
        value=panel.options[a][int(panel.current[a])],
        units_a_day=pace if known else None,
        rate=successes / n if known else None,
        times=_times(successes / n, pace, alpha, float(panel.margin[a]) - 1) if known else (),
        worth_changing=round(float(panel.margin[a]) - 1, 12),
    )


def _times(rate: float, pace: float, alpha: float, margin: float) -> tuple[TimeToKnow, ...]:
    found = []
    for lift in PLANNED_LIFTS:
        try:
            units = expected_units(rate, lift, alpha=alpha, margin=margin)
        except InsufficientEvidenceError:
            continue
        found.append(TimeToKnow(lift=lift, units=units, days=ceil(units / pace)))
    return tuple(found)
