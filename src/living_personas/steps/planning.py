"""How many customers and days it would take to overturn each belief, at the traffic seen."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from living_personas.domain.belief import Subject
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.power import expected_units
from living_personas.steps.calendar import kept_books, renewed
from living_personas.steps.learn import Books
from living_personas.steps.parts import Parts

__all__ = ["PLANNED_LIFTS", "BeliefPlan", "TimeToKnow", "plan_beliefs", "plans_of"]

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

    ``units_a_day`` and ``rate`` are what was seen lately; None, with empty ``times``, while too little was.
    """

    subject: Subject
    value: str
    units_a_day: float | None
    rate: float | None
    times: tuple[TimeToKnow, ...]


def plan_beliefs(parts: Parts) -> tuple[BeliefPlan, ...]:
    """A plan for every belief, at the traffic and success rate that the books remember."""
    return plans_of(renewed(parts, kept_books(parts)), alpha=parts.alpha)


def plans_of(books: Iterable[Books], *, alpha: float) -> tuple[BeliefPlan, ...]:
    """A plan for every belief that the books are about."""
    return tuple(_plan(each, a, alpha=alpha) for each in books for a in range(len(each.panel)))


def _plan(books: Books, a: int, *, alpha: float) -> BeliefPlan:
    panel, accounts = books.panel, books.accounts
    n, successes = float(accounts.means.pooled[a, 0]), float(accounts.means.pooled[a, 1])
    pace = float(accounts.pace[a])
    known = pace > 0 and 0 < successes < n and not panel.is_value[a]
    return BeliefPlan(
        subject=panel.subjects[a],
        value=panel.options[a][int(panel.current[a])],
        units_a_day=pace if known else None,
        rate=successes / n if known else None,
        times=_times(successes / n, pace, alpha) if known else (),
    )


def _times(rate: float, pace: float, alpha: float) -> tuple[TimeToKnow, ...]:
    found = []
    for lift in PLANNED_LIFTS:
        try:
            units = expected_units(rate, lift, alpha=alpha)
        except InsufficientEvidenceError:
            continue
        found.append(TimeToKnow(lift=lift, units=units, days=ceil(units / pace)))
    return tuple(found)
