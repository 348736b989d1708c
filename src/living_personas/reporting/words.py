"""Plain words for evidence: proven, real but small, or not yet known - never "no effect"."""

from __future__ import annotations

from dataclasses import replace

from living_personas.domain.belief import Interval
from living_personas.domain.goal import Goal
from living_personas.domain.report import AttributeReport

__all__ = ["number", "per_hundred", "points", "sentence"]


def sentence(report: AttributeReport) -> AttributeReport:
    """The report with the sentence that a person would say of it."""
    return replace(report, says=_says(report))


def points(effect: Interval | None, *, percent: bool = True) -> str:
    """An effect with its interval, in points of a rate or in the unit of a value.

    >>> points(Interval(estimate=0.0577, lower=0.02, upper=0.09))
    '+5.77 points [+2.00, +9.00]'
    """
    if effect is None:
        return "not yet known"
    scale, unit = (100.0, " points") if percent else (1.0, "")
    return f"{effect.estimate * scale:+.2f}{unit} [{effect.lower * scale:+.2f}, {effect.upper * scale:+.2f}]"


def number(found: Interval | None, *, percent: bool = True) -> str:
    """A mean with its interval."""
    if found is None:
        return "not yet known"
    scale, unit = (100.0, " %") if percent else (1.0, "")
    return f"{found.estimate * scale:.2f}{unit} [{max(found.lower, 0) * scale:.2f}, {found.upper * scale:.2f}]"


def per_hundred(effect: Interval, goal: Goal) -> str:
    """An effect as a person who was never taught statistics would say it.

    >>> from living_personas.domain.goal import DAY
    >>> per_hundred(Interval(estimate=0.0577, lower=0.02, upper=0.09), Goal(event="Order Completed", within=7 * DAY))
    "+5.8 'Order Completed' per 100 occasions (between +2.0 and +9.0)"
    """
    what = f"{goal.value!r} an occasion" if goal.is_value else f"{goal.event!r} per 100 occasions"
    scale, form = (1.0, "+.3g") if goal.is_value else (100.0, "+.1f")
    mean, low, high = (format(end * scale, form) for end in (effect.estimate, effect.lower, effect.upper))
    return f"{mean} {what} (between {low} and {high})"


def _says(report: AttributeReport) -> str:
    """The first that applies."""
    believed, value, rival = repr(report.believed), repr(report.value), repr(report.contender)
    cases = (
        (bool(report.alarms), f"Held: {' '.join(report.alarms)}"),
        (report.status == "pinned", f"{value} is pinned by a person."),
        (report.value != report.believed, f"Believed {believed}; {value} is proven better."),
        (report.status == "confirmed", f"{believed} is proven better than every other option."),
        (report.status == "assumed", f"{believed} is assumed; nothing was measured yet."),
        (report.status == "contested", f"{believed} is contested by {rival}, and not yet overturned."),
    )
    unknown = f"Not yet known whether {believed} is right; its nearest rival is {rival}."
    return next((text for applies, text in cases if applies), unknown)
