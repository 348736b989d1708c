"""Plain words for evidence: proven, real but small, or not yet known - never "no effect"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, tzinfo
from typing import Protocol, TypeAlias

from living_personas.domain.belief import MOST_DECIMALS, EffectDays, Interval, decimals
from living_personas.domain.counted import counted
from living_personas.domain.goal import Goal
from living_personas.domain.names import named
from living_personas.domain.refinement import LATE_DATA, Grade, Refinement
from living_personas.domain.report import AttributeReport, Decided, Decider
from living_personas.domain.told_number import with_minus
from living_personas.reporting.what_is_known import holds_proven

__all__ = [
    "Quote",
    "decided_words",
    "decision_words",
    "end_words",
    "grade_words",
    "how_much",
    "in_words",
    "known_words",
    "mean_ends",
    "moment_text",
    "number",
    "points",
    "sentence",
    "size_of",
    "when_text",
]

Quote: TypeAlias = Callable[[str], str]
"""How a name is set off from the sentence that it stands in."""


def sentence(report: AttributeReport, goal: Goal) -> AttributeReport:
    """The report with the sentences that a person would say of it: what is known and who decided, and by how much."""
    return replace(report, says=in_words(report, quote=named), size=size_of(report, goal))


def in_words(report: AttributeReport, *, quote: Quote, name: Quote = str) -> str:
    """Who decided, and what is known, in a sentence each: the one wording for all surfaces.

    Parameters
    ----------
    quote, name
        How the labels of options, and the names of people, are to be read.
    """
    if report.alarms:
        return f"Held: {' '.join(report.alarms)}"
    quote = _called(report, quote)
    return " ".join(filter(None, (_decided(report, quote, name), _known(report, quote))))


def known_words(report: AttributeReport, *, quote: Quote = str) -> str:
    """What is known of the value that holds, in a few words."""
    known, quote = report.known, _called(report, quote)
    own = known.option == report.value
    best, than = "" if own else f"{quote(known.option)} ", f" than {quote(known.than)}" if own else ""
    waits = ", waits for you" if known.waits else ""
    cases = (
        (bool(report.alarms), "held: look at the data"),
        (known.state == "best", "proven best"),
        (known.state == "turned", f"{best}proven better{than} since about {known.turned_on}{waits}"),
        (known.state == "better", f"{best}proven better{than}{waits}"),
        (known.state == "lost", f"{LATE_DATA}{waits}"),
        (known.state == "small", f"{best}better, but by less than is worth changing"),
        (known.state == "undecided", f"{best}better, not yet known to be worth changing"),
        (known.state == "leaning", f"leaning to {quote(known.option)}, not proven"),
    )
    return next((text for applies, text in cases if applies), "not yet known")


def decided_words(decided: Decided) -> str:
    """Who decided, in a few words, and when if it was a person."""
    by = decided.by or "somebody"
    words: dict[Decider, str] = {
        "workshop": "the workshop",
        "first guess": "the machine's first guess",
        "evidence": f"evidence, approved by {decided.by}" if decided.by else "evidence",
        "person": by,
        "pin": f"pinned by {decided.by}" if decided.by else "pinned in its file",
        "rollback": f"rolled back by {by}",
        "guardrail": "a guardrail" + (f", approved by {decided.by}" if decided.by else ""),
    }
    return words[decided.how] + (f", {moment_text(decided.at)}" if decided.at else "")


def decision_words(report: AttributeReport) -> str:
    """Who chose the value that holds, and on which day of the data anything was last decided about it."""
    said, on = decided_words(report.decided), report.decided_on
    if on is None:
        return said
    if report.decided.how in ("workshop", "first guess"):
        return f"{said} (evidence of {on})"
    return f"{said} (data of {on})" if report.decided.at is not None else f"{said}, {on}"


def grade_words(refinement: Refinement) -> str:
    """What a refinement rests on, in a few words."""
    if refinement.kind == "restore":
        return "harm is proven"
    if refinement.kind == "undo":
        return LATE_DATA
    words: dict[Grade, str] = {
        "proven": "proven",
        "real but small": "real, but small",
        "measured": "measured",
        "observational": "not proven: a person's proposal",
    }
    return words[refinement.grade]


def moment_text(at: datetime) -> str:
    """A moment to the minute.

    >>> from datetime import UTC
    >>> moment_text(datetime(2026, 3, 9, 10, 15, 30, tzinfo=UTC))
    '2026-03-09 10:15'
    """
    return f"{at:%Y-%m-%d %H:%M}"


class _Dated(Protocol):
    """What became of something on a day of the data, and at a moment if a person did it."""

    @property
    def day(self) -> date:
        """The day."""

    @property
    def at(self) -> datetime | None:
        """The moment."""


def when_text(event: _Dated, zone: tzinfo) -> str:
    """When it was: a person's act at its moment by the clocks of the workspace, all else on its day."""
    return str(event.day) if event.at is None else moment_text(event.at.astimezone(zone))


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
    mean, low, high = end_words(effect, scale, "+")
    return f"{mean}{unit} [{low}, {high}]"


def end_words(found: Interval, scale: float, sign: str = "") -> tuple[str, str, str]:
    """Estimate and ends, with the decimals that the interval supports; with ``sign`` what is below 0 says so.

    An estimate that rounds to 0 has no sign.

    >>> end_words(Interval(estimate=35.0, lower=-0.001, upper=70.0), 1.0, "+")
    ('+35.0', '\N{MINUS SIGN}0.0', '+70.0')
    >>> end_words(Interval(estimate=-0.004, lower=-5.0, upper=5.0), 1.0, "+")
    ('0', '\N{MINUS SIGN}5', '+5')
    """
    digits = decimals(found, scale)
    mean, low, high = (end * scale + 0.0 for end in (found.estimate, found.lower, found.upper))
    if not sign or round(mean, digits) == 0:
        mean = round(mean, digits) + 0.0
    if not sign:
        low, high = round(low, digits) + 0.0, round(high, digits) + 0.0
    signs = (sign if mean else "", sign, sign)
    said = [with_minus(format(end, f"{s},.{digits}f")) for end, s in zip((mean, low, high), signs, strict=True)]
    return said[0], said[1], said[2]


def number(found: Interval | None, *, percent: bool = True) -> str:
    """A mean with its interval.

    >>> number(Interval(estimate=0.0384, lower=-0.001, upper=0.0743)), number(None)
    ('3.8 % [0.0, 7.4]', 'not yet known')
    >>> number(Interval(estimate=1.5, lower=-0.5, upper=3.5), percent=False)
    '1.5 [\N{MINUS SIGN}0.5, 3.5]'
    """
    if found is None:
        return "not yet known"
    mean, low, high = mean_ends(found, percent=percent)
    return f"{mean}{' %' if percent else ''} [{low}, {high}]"


def mean_ends(found: Interval, *, percent: bool) -> tuple[str, str, str]:
    """A mean and its ends without their unit; a share is never below 0."""
    if not percent:
        return end_words(found, 1.0)
    return end_words(Interval(estimate=found.estimate, lower=max(found.lower, 0.0), upper=found.upper), 100.0)


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
    over
        The days it is of; None for what was recorded before effects were of the last days: that was of all days.
    at_least_times
        The largest ratio that is proven, if any is.

    >>> from datetime import date
    >>> from living_personas.domain.goal import DAY
    >>> days = EffectDays(first=date(2026, 4, 1), last=date(2026, 4, 28), units=9_000, ahead_since=date(2026, 3, 20))
    >>> goal = Goal(event="Purchase", within=7 * DAY)
    >>> print(how_much(Interval(estimate=0.01, lower=0.001, upper=0.02), days, new="'o01'", old="'o00'", goal=goal))
    In the last 28 days 'o01' brought about 1.0 more 'Purchase' per 100 occasions than 'o00' (between 0.1 and 2.0).
    >>> open_ = Interval(estimate=0.01, lower=-0.002, upper=0.02)
    >>> print(how_much(open_, days, new="'o01'", old="'o00'", goal=goal).partition(": ")[0])
    In the last 28 days 'o01' brought between 0.2 fewer and 2.0 more 'Purchase' per 100 occasions than 'o00'
    >>> many = EffectDays(**{**{n: getattr(days, n) for n in days.__slots__}, "times": Interval(
    ...     estimate=1.4, lower=1.1, upper=1.8)})
    >>> said = how_much(Interval(estimate=0.01, lower=0.001, upper=0.02), many, new="'o01'", old="'o00'", goal=goal)
    >>> said.partition("), ")[2]
    '1.4 times as many (between 1.1 and 1.8).'
    """
    known = effect is not None and effect.excludes_zero
    unknown = _not_yet_known(at_least_times) if proven and not known else ""
    if effect is None:
        return unknown or "By how much is not yet known."
    in_days = f"In the last {counted(over.count, 'day')}" if over else "Since it was believed"
    if not known:
        _, *ends = end_words(effect, _scale(goal), "+")
        low, high = (f"{end[1:]} {_more(goal, up=end[0] == '+')}" for end in ends)
        said = f"{in_days} {new} brought between {low} and {high} {_what(goal)} than {old}"
        return f"{unknown} {said}." if unknown else f"{said}: not yet known which is better."
    up = effect.lower > 0
    size = effect if up else Interval(estimate=-effect.estimate, lower=-effect.upper, upper=-effect.lower)
    mean, low, high = end_words(size, _scale(goal))
    said = (
        f"{in_days} {new} brought about {mean} {_more(goal, up=up)} {_what(goal)} than {old} (between {low} and {high})"
    )
    said += f"{_as_many(over, goal)}."
    return f"{said} Before, it was behind." if up and over is not None and over.was_behind else said


def size_of(report: AttributeReport, goal: Goal, *, quote: Quote = named) -> str:
    """By how much an attribute's contender is better than the belief, in sentences."""
    known, pair, quote = report.known, (report.contender, report.believed), _called(report, quote)
    told = (known.option, known.than) == pair or (known.state == "best" and known.option in pair)
    return how_much(
        report.effect,
        report.over,
        new=quote(report.contender),
        old=quote(report.believed),
        goal=goal,
        proven=known.is_proven and told,
        at_least_times=known.at_least_times,
    )


def _called(report: AttributeReport, quote: Quote) -> Quote:
    """How an option is set off from a sentence: by its label, where it has one."""
    return lambda option: quote(report.label(option))


def _as_many(over: EffectDays | None, goal: Goal) -> str:
    """How many times as many that is, at a digit of the interval's width, and more where an end would look like 1."""
    if over is None or over.times is None:
        return ""
    times = over.times
    digits = max(decimals(Interval(estimate=0.0, lower=times.lower - times.upper, upper=0.0)) - 1, 1)
    while digits < MOST_DECIMALS and 1 in (round(times.lower, digits), round(times.upper, digits)):
        digits += 1
    mean, low, high = (f"{end:,.{digits}f}" for end in (times.estimate, times.lower, times.upper))
    return f", {mean} times as {'much' if goal.is_value else 'many'} (between {low} and {high})"


def _not_yet_known(at_least_times: float | None) -> str:
    ratio = f" (at least {at_least_times:.3g} times as many)" if at_least_times is not None else ""
    return f"Better: proven{ratio}; by how much: not yet known."


def _scale(goal: Goal) -> float:
    return 1.0 if goal.is_value else 100.0


def _more(goal: Goal, *, up: bool) -> str:
    return "more" if up else "less" if goal.is_value else "fewer"


def _what(goal: Goal) -> str:
    return f"{named(goal.value)} an occasion" if goal.value is not None else f"{named(goal.event)} per 100 occasions"


def _known(report: AttributeReport, quote: Quote) -> str:
    """What is known, in a sentence; the first that applies."""
    known, value = report.known, quote(report.value)
    best, than = quote(known.option), quote(known.than)
    better = f"{best} is proven better than {than}"
    waits = ", and it waits for you" if known.state == "lost" else ", and waits for you"
    waits = waits if known.waits else ""
    cases = (
        (known.state == "best", f"{value} is proven better than every other option."),
        (known.state == "turned", f"{than} was right, and turned on about {known.turned_on}; now {better}{waits}."),
        (known.state == "better", f"{better}{waits}."),
        (known.state == "lost", f"{LATE_DATA.capitalize()} that {best} is better than {than}{waits}."),
        (known.state == "small", f"{best} is really better than {than}, but by less than is worth changing."),
        (
            known.state == "undecided",
            f"{best} is really better than {than}; not yet known whether by enough to be worth changing.",
        ),
        (report.status == "contested", f"{value} is contested by {quote(_rival(report))}, and not yet overturned."),
        (
            report.status == "assumed" and report.is_unproving,
            f"{value} is assumed: with which shares options were chosen is not known, so what was met proves nothing.",
        ),
        (report.status == "assumed", f"{value} is assumed; nothing was measured yet."),
        (known.state == "leaning", f"Not yet known whether {value} is right; evidence leans to {best}."),
    )
    unknown = f"Not yet known whether {value} is right; its nearest rival is {quote(_rival(report))}."
    return next((text for applies, text in cases if applies), unknown)


def _rival(report: AttributeReport) -> str:
    return report.contender if report.contender != report.value else report.believed


def _decided(report: AttributeReport, quote: Quote, name: Quote) -> str:
    """Who decided, in a sentence, where that is not the workshop or evidence alone."""
    decided, value = report.decided, quote(report.value)
    by = name(decided.by) if decided.by else ""
    unproven = "" if holds_proven(report) else ", which proves nothing"
    cases = (
        (decided.how == "pin", f"{value} is pinned by {by or 'its file'}{unproven}."),
        (decided.how == "person", f"{by} chose {value}{unproven}."),
        (decided.how == "rollback", f"{by} went back to {value}{unproven}."),
        (decided.how == "guardrail", f"A guardrail put {value} back{unproven}."),
        (decided.how == "first guess", f"{value} is the machine's first guess."),
        (decided.how == "evidence" and bool(by), f"{by} approved {value}."),
    )
    return next((text for applies, text in cases if applies), "")
