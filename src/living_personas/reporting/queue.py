"""What waits for a person, by what is at stake, and what happens if nothing is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from living_personas.domain.aside import Aside
from living_personas.domain.belief import Interval
from living_personas.domain.counted import counted
from living_personas.domain.names import attribute_name
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.domain.value import value
from living_personas.refining.apply import PARTING
from living_personas.reporting.changes import (
    aside_words,
    effect_words_then,
    new_value,
    old_value,
    size_words,
    waits_words,
)
from living_personas.reporting.crowd import enough
from living_personas.reporting.labels import labels_of
from living_personas.reporting.plain import difference_unit, effect_words, quoted
from living_personas.reporting.reading import Reading
from living_personas.reporting.what_is_known import is_proven

__all__ = ["Waiting", "review_queue", "stakes_words", "waiting_words"]

WEEKS = 4
DAYS = 7 * WEEKS


@value
class Waiting:
    """A change that waits, as people read it: what it would do, what is at stake, by whom it was set ``aside``."""

    refinement: Refinement
    title: str
    word: str
    persona: str
    percent: bool
    unit: str
    stakes: float
    at_stake: str
    if_nothing: str
    size: str
    effect: str
    proposer: str
    aside: str
    shown: bool


def review_queue(
    waiting: Iterable[Refinement],
    reading: Reading,
    *,
    asides: Mapping[str, Aside],
    proposers: Mapping[str, str],
) -> tuple[Waiting, ...]:
    """What waits, the highest stakes first; what was set aside comes last."""
    found = [
        _waiting(each, reading, aside=aside_words(each, asides), proposer=proposers.get(each.id, ""))
        for each in waiting
    ]
    return tuple(sorted(found, key=lambda item: (bool(item.aside), -item.stakes, item.refinement.id)))


def waiting_words(found: Sequence[Waiting]) -> str:
    """How much waits, in a sentence; empty if nothing does."""
    if not found:
        return ""
    later = sum(bool(each.aside) for each in found)
    aside = ", set aside" if later == len(found) else f", {later:,} of them set aside" if later else ""
    return f"{counted(len(found), 'change waits', 'changes wait')} for a person{aside}."


def stakes_words(stakes: Interval, what: str) -> str:
    """How much of ``what`` a change would bring in four weeks, with its range, which leaves out 0.

    >>> stakes_words(Interval(estimate=-317.0, lower=-520.0, upper=-175.0), "fewer orders")
    "About 317 fewer orders in 4 weeks (between 175 and 520), at today's pace."
    """
    least, most = sorted((abs(stakes.lower), abs(stakes.upper)))
    about = f"About {abs(stakes.estimate):,.0f} {what} in {WEEKS} weeks"
    return f"{about} (between {least:,.0f} and {most:,.0f}), at today's pace."


_UNSIZED = PARTING | {"measure"}
"""Kinds that say themselves what they are worth."""


def _waiting(refinement: Refinement, reading: Reading, *, aside: str, proposer: str) -> Waiting:
    persona = refinement.subject.persona
    version = reading.versions.get(persona)
    percent = reading.percent(persona) and refinement.kind != "measure"
    stakes = _stakes(refinement, reading)
    report = reading.personas.get(persona)
    told = labels_of([version.persona] if version else []).refinement(refinement, quote=quoted)
    return Waiting(
        refinement=told,
        title=_title(told),
        word=waits_words(refinement),
        persona=version.persona.name if version else persona,
        percent=percent,
        unit=difference_unit(version.persona.goal) if version and refinement.kind != "measure" else "",
        stakes=abs(stakes.estimate),
        at_stake=_at_stake(stakes, version, told),
        if_nothing=_if_nothing(told),
        size=size_words(told, version.persona.goal) if version and refinement.kind not in _UNSIZED else "",
        effect=effect_words_then(told, lambda effect: effect_words(effect, percent=percent), quote=quoted),
        proposer=proposer,
        aside=aside,
        shown=enough(report.members if report else None),
    )


def _title(refinement: Refinement) -> str:
    name = attribute_name(refinement.subject.attribute, refinement.subject.channel)
    if refinement.split is not None:
        return f"{name.capitalize()}: {quoted(refinement.new)} for a part, {quoted(refinement.old)} for all others"
    if refinement.kind == "merge":
        return f"{name.capitalize()}: one persona again, with {quoted(refinement.new)}"
    return f"{name.capitalize()}: from {quoted(old_value(refinement))} to {quoted(new_value(refinement))}"


def _stakes(refinement: Refinement, reading: Reading) -> Interval:
    """Outcomes (or value) that the change would bring in four weeks, at today's pace."""
    if refinement.effect is None or refinement.kind in {"measure", "split"}:
        return Interval(estimate=0.0, lower=0.0, upper=0.0)
    effect, occasions = refinement.effect, reading.pace(refinement.subject) * DAYS
    return Interval(
        estimate=effect.estimate * occasions, lower=effect.lower * occasions, upper=effect.upper * occasions
    )


def _at_stake(stakes: Interval, version: PersonaVersion | None, refinement: Refinement) -> str:
    if refinement.kind in _UNSIZED:
        parted = refinement.kind in PARTING
        return refinement.why if parted else "What people read about this persona; nobody is shown anything else."
    if version is None:
        return "Not known: the persona is gone."
    sized = refinement.effect is not None and refinement.effect.excludes_zero
    if is_proven(refinement) and not sized:
        return "More outcomes; by how much is not yet known."
    if refinement.effect is None or not stakes.estimate:
        return "Not known: there is no evidence about this change yet."
    if not sized:
        return "Whether more or fewer outcomes is not yet known."
    goal = version.persona.goal
    what = f"{goal.value} of {quoted(goal.event)}" if goal.is_value else quoted(goal.event)
    word = "fewer" if refinement.effect.upper < 0 else "more"
    return stakes_words(stakes, f"{word} {what}")


def _if_nothing(refinement: Refinement) -> str:
    if refinement.kind == "measure":
        return f"The persona goes on saying {old_value(refinement)}, which its members do not bear out."
    if refinement.kind == "undo":
        return f"{quoted(refinement.old)} stays, without its proof; new evidence goes on gathering about it."
    if refinement.kind == "split":
        return "One value goes on for everybody; both parts go on being shown what looks best in them."
    if refinement.kind == "merge":
        return "Both personas go on learning apart."
    if refinement.effect is None:
        return f"{quoted(refinement.old)} stays, and evidence goes on gathering as before."
    return (
        f"{quoted(refinement.old)} stays the definition. Both options go on being shown and counted, and the proposal"
        " is kept here with each day's numbers."
    )
