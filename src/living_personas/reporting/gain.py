"""The product's own proof: what living personas gained over the personas as first written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from living_personas.domain.belief import Interval
from living_personas.domain.goal import Goal
from living_personas.domain.names import named
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.report import Gain
from living_personas.domain.told_number import with_minus
from living_personas.domain.value import value
from living_personas.domain.worth import Worth
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.context import Context
from living_personas.loop.holdout.holdout_comparison import NOBODY, Compared, compare_holdout
from living_personas.loop.holdout.holdout_worth import worth
from living_personas.stats.adjusted import daily_difference

__all__ = ["NOBODY_HELD_OUT", "HeldOut", "gains", "held_out", "per_month"]

NOBODY_HELD_OUT = "Not known: nobody is held out. Write `holdout: 5%` into workspace.yaml."
"""What is said of a gain that waiting will not tell."""

CUSTOMERS, DAYS = 100, 30
"""Gains are said of so many customers and days."""


@value
class HeldOut:
    """Living against static: by persona, and what it was worth in all, by outcome."""

    gains: Mapping[str, Gain]
    worth: tuple[Worth, ...]


def held_out(context: Context, versions: Sequence[PersonaVersion]) -> HeldOut:
    """The whole comparison; it reads every unit there ever was, twice."""
    compared = compare_holdout(context)
    found = _gains(context, versions, compared)
    return HeldOut(gains={gain.persona: gain for gain in found}, worth=worth(context, compared))


def gains(context: Context, versions: Sequence[PersonaVersion]) -> tuple[Gain, ...]:
    """Living minus static for each persona; the holdout is hashed by customer, so the customer is the unit."""
    return _gains(context, versions, compare_holdout(context))


def _gains(context: Context, versions: Sequence[PersonaVersion], compared: Mapping[str, Compared]) -> tuple[Gain, ...]:
    found = [_gain(version, compared.get(version.id, NOBODY), alpha=context.alpha) for version in versions]
    if context.settings.holdout:
        return tuple(found)
    return tuple(each if each.static_customers else replace(each, says=NOBODY_HELD_OUT) for each in found)


def per_month(difference: Interval, goal: Goal) -> str:
    """A gain as a person would say it; ``difference`` is that of 100 customers in a month.

    >>> from living_personas.domain.goal import DAY
    >>> order = Goal(event="Order Completed", within=7 * DAY)
    >>> per_month(Interval(estimate=5.77, lower=2.0, upper=9.0), order)
    "+5.8 'Order Completed' per 100 customers and month (between +2.0 and +9.0)"
    """
    of = f"{goal.value!r}{f' ({goal.currency})' if goal.currency else ''}" if goal.is_value else named(goal.event)
    mean, low, high = (_signed(end) for end in (difference.estimate, difference.lower, difference.upper))
    return f"{mean} {of} per {CUSTOMERS} customers and month (between {low} and {high})"


def _signed(size: float) -> str:
    """A number as people write it.

    >>> _signed(1234.5), _signed(-12.345), _signed(0.0123)
    ('+1,234', '\N{MINUS SIGN}12.3', '+0.0')
    """
    return with_minus(f"{size:+,.1f}" if abs(size) < 1000 else f"{size:+,.0f}")


def _gain(version: PersonaVersion, compared: Compared, *, alpha: float) -> Gain:
    difference, says = _difference(compared, version.persona.goal, alpha=alpha)
    living, static = (int(group.customers) if group else 0 for group in compared)
    return Gain(persona=version.id, living_customers=living, static_customers=static, difference=difference, says=says)


def _difference(compared: Compared, goal: Goal, *, alpha: float) -> tuple[Interval | None, str]:
    if compared.living is None or compared.static is None:
        where = "of the holdout" if compared.static is None else "outside the holdout"
        return None, f"Not yet known: no customer {where} has met its first decision as this persona."
    try:
        daily = daily_difference(compared.living, compared.static, alpha=alpha)
    except InsufficientEvidenceError as error:
        return None, f"Not yet known: {error.in_sentences}"
    mean, lower, upper = (CUSTOMERS * DAYS * end for end in (daily.estimate, daily.lower, daily.upper))
    difference = Interval(estimate=mean, lower=lower, upper=upper)
    shown = per_month(difference, goal)
    if not difference.excludes_zero:
        return difference, f"Not yet known: {shown}."
    known = "Living personas gained" if difference.lower > 0 else "Living personas lost"
    return difference, f"{known} {shown}."
