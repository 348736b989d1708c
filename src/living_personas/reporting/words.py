"""Plain words for evidence: proven, real but small, or not yet known - never "no effect"."""

from __future__ import annotations

from dataclasses import replace
from math import floor, isfinite, log10

from living_personas.domain.belief import EffectDays, Interval
from living_personas.domain.goal import Goal
from living_personas.domain.report import AttributeReport

__all__ = ["decimals", "how_much", "number", "per_hundred", "points", "sentence"]

MOST_DECIMALS = 8


def sentence(report: AttributeReport) -> AttributeReport:
    """The report with the sentence that a person would say of it."""
    return replace(report, says=_says(report))


def decimals(found: Interval, scale: float = 1.0) -> int:
    """How many decimals an interval supports: two digits of its width, and more where an end would look like 0.

    >>> decimals(Interval(estimate=0.0012, lower=0.0007, upper=0.0018))
    4
    >>> decimals(Interval(estimate=5.0, lower=2.0, upper=9.0))
    1
    """
    width = (found.upper - found.lower) * scale
    if not (isfinite(width) and width > 0):
        return 2
    wanted = min(max(1 - floor(log10(width)), 0), MOST_DECIMALS)
    nearest = min(abs(found.lower), abs(found.upper)) * scale
    while found.excludes_zero and wanted < MOST_DECIMALS and round(nearest, wanted) == 0:
        wanted += 1
    return wanted


def points(effect: Interval | None, *, percent: bool = True) -> str:
    """An effect with its interval, in points of a rate or in the unit of a value.

    >>> points(Interval(estimate=0.0577, lower=0.02, upper=0.09))
    '+5.8 points [+2.0, +9.0]'
    >>> points(Interval(estimate=0.0012, lower=0.0007, upper=0.0018), percent=False)
    '+0.0012 [+0.0007, +0.0018]'
    """
    if effect is None:
        return "not yet known"
    scale, unit = (100.0, " points") if percent else (1.0, "")
    mean, low, high = _ends(effect, scale, "+")
    return f"{mean}{unit} [{low}, {high}]"


def number(found: Interval | None, *, percent: bool = True) -> str:
    """A mean with its interval."""
    if found is None:
        return "not yet known"
    scale, unit = (100.0, " %") if percent else (1.0, "")
    mean, low, high = _ends(Interval(estimate=found.estimate, lower=max(found.lower, 0), upper=found.upper), scale)
    return f"{mean}{unit} [{low}, {high}]"


def per_hundred(effect: Interval, goal: Goal) -> str:
    """An effect as a person who was never taught statistics would say it.

    >>> from living_personas.domain.goal import DAY
    >>> per_hundred(Interval(estimate=0.0577, lower=0.02, upper=0.09), Goal(event="Order Completed", within=7 * DAY))
    "+5.8 'Order Completed' per 100 occasions (between +2.0 and +9.0)"
    """
    mean, low, high = _ends(effect, _scale(goal), "+")
    return f"{mean} {_what(goal)} (between {low} and {high})"


def how_much(
    effect: Interval | None,
    over: EffectDays | None,
    *,
    new: str,
    old: str,
    goal: Goal,
    proven: bool = False,
    at_least_times: float | None = None,
) -> str:
    """What one option brought more than another, in sentences: the one wording of an effect.

    Parameters
    ----------
    new, old
        The options, as they are to be read (quoted).
    proven
        Whether it is proven that ``new`` is better: that may be known long before by how much.
    at_least_times
        The largest ratio that is proven, if any is.

    >>> from datetime import date
    >>> from living_personas.domain.goal import DAY
    >>> days = EffectDays(first=date(2026, 4, 1), last=date(2026, 4, 28), units=9_000, ahead_since=date(2026, 3, 20))
    >>> goal = Goal(event="Purchase", within=7 * DAY)
    >>> print(how_much(Interval(estimate=0.01, lower=0.001, upper=0.02), days, new="'o01'", old="'o00'", goal=goal))
    In the last 28 days 'o01' brought about 1.0 more 'Purchase' per 100 occasions than 'o00' (between 0.1 and 2.0).
    """
    known = effect is not None and effect.excludes_zero
    unknown = _not_yet_known(at_least_times) if proven and not known else ""
    if effect is None or over is None:
        return unknown or "By how much is not yet known."
    in_days = f"In the last {over.count} day{'s' if over.count != 1 else ''}"
    if not known:
        _, low, high = _ends(effect, _scale(goal), "+")
        said = f"{in_days} the difference lay between {low} and {high} {_what(goal)}"
        return f"{unknown} {said}." if unknown else f"{said}: not yet known which is better."
    up = effect.lower > 0
    size = effect if up else Interval(estimate=-effect.estimate, lower=-effect.upper, upper=-effect.lower)
    mean, low, high = _ends(size, _scale(goal))
    word = "more" if up else "less" if goal.is_value else "fewer"
    said = f"{in_days} {new} brought about {mean} {word} {_what(goal)} than {old} (between {low} and {high})."
    return f"{said} Before, it was behind." if up and over.was_behind else said


def _not_yet_known(at_least_times: float | None) -> str:
    ratio = f" (at least {at_least_times:.3g} times as many)" if at_least_times is not None else ""
    return f"Better: proven{ratio}; by how much: not yet known."


def _scale(goal: Goal) -> float:
    return 1.0 if goal.is_value else 100.0


def _what(goal: Goal) -> str:
    return f"{goal.value!r} an occasion" if goal.is_value else f"{goal.event!r} per 100 occasions"


def _ends(found: Interval, scale: float, sign: str = "") -> tuple[str, str, str]:
    """Estimate and ends, with the decimals that the interval supports; what rounds to 0 has no sign below it."""
    digits = decimals(found, scale)
    numbers = (round(end * scale, digits) + 0.0 for end in (found.estimate, found.lower, found.upper))
    mean, low, high = (format(end, f"{sign},.{digits}f") for end in numbers)
    return mean, low, high


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
