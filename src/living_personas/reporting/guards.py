"""Guardrails as people read them: what must not happen, and how much speaks for its having happened."""

from __future__ import annotations

from living_personas.domain.belief import Subject
from living_personas.domain.goal import Guardrail
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.corrections.guardrails import Watched, is_watched, watched
from living_personas.reporting.crowd import enough, occasions
from living_personas.reporting.reading import Reading

__all__ = ["Guard", "guards"]

HALFWAY = 0.5
"""An account leans once it is halfway to its bar, as evidence multiplies: above 1 it is by chance every other day."""


@value
class Guard:
    """One guardrail of an experiment: its limit, how it stands in words, and the account with its bar.

    Account, bar and units are empty where nothing is watched, or too few units are known to say a number.
    """

    metric: str
    limit: str
    says: str
    account: str = ""
    bar: str = ""
    units: str = ""


def guards(context: Context, reading: Reading, subject: Subject) -> tuple[Guard, ...]:
    """Every guardrail of the experiment's persona, on the last closed day."""
    version = reading.versions[subject.persona]
    standing = version.standing(subject.attribute, subject.channel)
    state = next((k.state for k in reading.known if subject in k.state.panel.subjects), None)
    closed = reading.stamp.closed
    if state is None or closed is None or not is_watched(standing):
        says = "Not watched: evidence did not bring the value that holds."
        return tuple(Guard(metric=g.metric, limit=_limit(g), says=says) for g in version.persona.guardrails)
    return tuple(_guard(each) for each in watched(context, state, version, standing, closed))


def _guard(found: Watched) -> Guard:
    metric, limit = found.guardrail.metric, _limit(found.guardrail)
    if not found.units or not enough(found.units):
        return Guard(metric=metric, limit=limit, says="Not known yet: too few occasions since the correction.")
    return Guard(
        metric=metric,
        limit=limit,
        says=_says(found),
        account=_account(found.wealth),
        bar=_account(found.bar),
        units=occasions(found.units),
    )


def _account(wealth: float) -> str:
    """What an account holds; it begins with 1.

    >>> _account(1e-9), _account(0.4321), _account(20.0), _account(54_321.0)
    ('under 0.01', '0.43', '20', '54,321')
    """
    if wealth < 0.01:
        return "under 0.01"
    return f"{wealth:.2g}" if wealth < 100 else f"{wealth:,.0f}"


def _says(found: Watched) -> str:
    if found.is_breached:
        return "Harm is proven: the next cycle takes the correction back."
    if found.wealth >= found.bar**HALFWAY:
        return "Leans to harm, and is not proven."
    return "No sign of harm."


def _limit(guardrail: Guardrail) -> str:
    """What must not happen.

    >>> _limit(Guardrail(metric="m", event="Unsubscribed", points=0.01))
    'must not rise by more than 1 point'
    """
    return f"must not {guardrail.direction} by more than {guardrail.margin}"
