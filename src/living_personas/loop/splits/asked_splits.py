"""Whether one value suits everybody in a persona: asked of its own units, by what was known before each of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from living_personas.domain.belief import Subject
from living_personas.domain.names import named, subject_name
from living_personas.domain.persona import Attribute, Persona, PersonaVersion
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError, UnknownNameError
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.event_days.lateness import waits_in_force
from living_personas.loop.folding.fold import judged
from living_personas.loop.folding.known_of_units import known_of_units
from living_personas.loop.splits.split_units import WEEK, batch_of, corrections_of, first_questions, split_units
from living_personas.refining.splits.menu import YesNoQuestion
from living_personas.refining.splits.replay import Replayed, replay

__all__ = ["AskedSplit", "ask_split", "can_be_split"]

LEAST_DAYS = 14
"""Days whose outcomes are complete, before it is worth asking; what is known of customers is looked up anew at the
beginning of each week."""


@value
class AskedSplit:
    """What a replay of an attribute's days came to, beside the questions that it asked and the days of its units."""

    subject: Subject
    options: tuple[str, ...]
    questions: tuple[YesNoQuestion, ...]
    first: date
    last: date
    found: Replayed


def ask_split(context: Context, subject: Subject, closed: date, *, barred: Collection[str] = ()) -> AskedSplit:
    """Ask of all complete days since the attribute's present question whether one option suits everybody.

    Nothing is kept and nothing changes: the days are played again, each by bets on what was complete before it.

    Parameters
    ----------
    subject
        A persona and one of its attributes, in all channels.
    closed
        The last closed day.
    barred
        Features and traits that nothing may be built on, beside those that the workspace protects, and what is
        computed from these.

    Raises
    ------
    UnknownNameError
        If there is no such persona, attribute or barred column.
    InsufficientEvidenceError
        If too few days are complete, the goal counts values, or nothing is known of customers before.
    """
    version, attribute = _about(context, subject)
    wait = waits_in_force(context.store)(version.persona, attribute)
    last = closed - timedelta(days=wait)
    asked_since = max(standing.asked for standing in version.standings if standing.attribute == attribute.name)
    units = split_units(context, version, attribute, first=asked_since, last=last, closed=closed)
    begun = min(units.table["cohort"].to_pylist(), default=last)
    days = list(between(begun, last)) if units.table.num_rows else []
    if len(days) < LEAST_DAYS:
        raise InsufficientEvidenceError(
            f"{subject_name(version.persona.name, attribute.name)}: it takes {LEAST_DAYS} days whose outcomes are "
            f"complete, and there are {len(days)}.",
            hint="`personas run` closes days that are over; ask again later.",
        )
    with known_of_units(context) as known:
        asked = first_questions(context, attribute, units, known, begun=begun, barred=barred)
        if not asked:
            raise InsufficientEvidenceError(
                "Nothing that could be asked about was known of customers before the second week.",
                hint="declare features or traits in workspace.yaml that tell 4 to 96 % of the customers apart.",
            )
        batches = [
            batch_of(units, asked, day, known, days[number // WEEK * WEEK])
            for number, day in enumerate(days)
            if number >= WEEK
        ]
    corrections = {(each - days[WEEK]).days - 1 for each in corrections_of(context, version, attribute)}
    found = replay(batches, alpha=context.alpha, wait=wait + 1, corrections=corrections)
    return AskedSplit(
        subject=subject, options=attribute.options, questions=asked, first=days[WEEK], last=last, found=found
    )


def can_be_split(context: Context, persona: Persona) -> bool:
    """Whether splits can be asked of a persona: its goal is a yes or no."""
    return not judged(context, persona).goal.is_value


def _about(context: Context, subject: Subject) -> tuple[PersonaVersion, Attribute]:
    """The persona and attribute that are asked about."""
    version = next((each for each in context.versions() if each.id == subject.persona), None)
    if version is None:
        raise UnknownNameError.among("persona", subject.persona, [each.id for each in context.versions()])
    attribute = version.persona.attribute(subject.attribute)
    if not can_be_split(context, version.persona):
        raise InsufficientEvidenceError(
            f"The goal of {named(version.persona.name)} counts values, and splits are asked of yes or no only.",
            hint="ask it of a persona whose goal names an event and no `value`.",
        )
    return version, attribute
