"""The demo as plain sentences: each says what a refinement, a segment or a file says, and nothing of the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from living_personas.demo.drive import DayOfStory
from living_personas.discovery.segment_words import segment_words
from living_personas.domain.counted import counted
from living_personas.domain.names import attribute_name, named, subject_name
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.refinement import Refinement
from living_personas.domain.segment import Segment
from living_personas.domain.settings import Settings
from living_personas.domain.told_number import amount_words, share_words
from living_personas.domain.value import value
from living_personas.reporting.changes import answers, size_words
from living_personas.reporting.labels import labels_of
from living_personas.reporting.what_is_known import turned_on
from living_personas.rules.rule_words import column_words

__all__ = ["Kind", "Told", "beginning", "told"]

Kind = Literal["corrected", "confirmed", "turned", "measured", "restored", "waits", "seen", "nothing seen", "adopted"]
"""What a sentence is about; *turned* is a correction of what had been right before."""


@value
class Told:
    """One thing that there is to tell: a headline, and what it rests on, a line each."""

    kind: Kind
    headline: str
    below: tuple[str, ...] = ()


def beginning(personas: Sequence[Persona], settings: Settings, *, customers: int, history: int) -> Iterator[str]:
    """What people believe before the first day, and what the words of the story mean; a paragraph each."""
    yield (
        f"A shop with {customers:,} customers. Its team wrote {len(personas)} personas: kinds of customers, and what "
        "each is believed to answer to. Here is what they wrote:"
    )
    for persona in personas:
        for attribute in persona.attributes:
            yield f"- {persona.name}: {_belief(attribute)}"
        for trait in persona.traits:
            yield f"- {persona.name}: {column_words(trait.name)} is {_amount(trait.believed, trait.unit)}."
    goal = personas[0].goal
    yield (
        f"The shop has known its customers for {history} days. From now on it chooses something for each of them about "
        f"once a week, and counts who follows with {named(goal.event)} within {counted(goal.within.days, 'day')}. One "
        "customer in one such week is called an occasion."
    )
    yield (
        f"{share_words(settings.holdout)} of the customers, drawn by lot, are the holdout: they get what the team "
        "first believed, to the end. All others get what is known by then. So the gain can be measured."
    )
    yield (
        "Nobody tells the loop what is true. A belief is changed on proof only: the chance that a belief which was "
        f"right is ever changed within a year is at most {share_words(settings.error_budget)}, although it is "
        "looked at daily."
    )


def told(day: DayOfStory, personas: Sequence[Persona], before: Sequence[Refinement]) -> Iterator[Told]:
    """What there is to tell of a day; most days nothing.

    Parameters
    ----------
    personas
        Those that are written in files now: they give the names and the goals.
    before
        The refinements that were applied on earlier days: what was proven once can turn.
    """
    known, labels = {persona.id: persona for persona in personas}, labels_of(personas)
    for refinement in day.refinements:
        if refinement.verdict == "apply" or refinement.review == "open":
            earlier = [each for each in before if each.subject == refinement.subject]
            made = labels.refinement(refinement)
            yield _change(made, known[made.subject.persona], turned=turned_on(refinement, earlier))
    for segment in day.seen or ():
        yield _sighting(labels.segment(segment), labels.persona(segment.nearest))
    if day.seen is not None and not day.seen:
        yield Told(kind="nothing seen", headline="Looked for customers whom no persona explains: there are none.")
    if day.unseen:
        yield Told(
            kind="nothing seen", headline=f"Too early to look for customers whom no persona explains: {day.unseen}"
        )
    if day.adopted is not None:
        yield _adoption(day.adopted)


def _belief(attribute: Attribute) -> str:
    others = ", ".join(named(attribute.label(each)) for each in attribute.options if each != attribute.believed)
    why = f' "{attribute.why}"' if attribute.why else ""
    believed = named(attribute.label(attribute.believed))
    return f"{attribute_name(attribute.name)} {believed} works best, better than {others}.{why}"


def _change(refinement: Refinement, persona: Persona, *, turned: date | None) -> Told:
    what = subject_name(persona.name, refinement.subject.attribute, refinement.subject.channel)
    if refinement.kind == "measure":
        what = f"{persona.name}, {column_words(refinement.subject.attribute)}"
    evidence = (_evidence(refinement, persona), *_bet(refinement))
    if refinement.review == "open":
        ask = f"Answer: {answers(refinement)}."
        return Told(kind="waits", headline=f"Waits for a person. {what}: {refinement.why}", below=(*evidence, ask))
    if refinement.kind == "measure":
        return Told(kind="measured", headline=f"Corrected. {what}: {_trait(refinement, persona)}", below=evidence)
    if refinement.kind == "confirm":
        headline = f"Confirmed. {what}: {named(refinement.old)} is better than every other option."
        return Told(kind="confirmed", headline=headline, below=evidence)
    if refinement.kind in ("restore", "undo"):
        headline = f"Taken back. {what}: {named(refinement.new)} holds again. {refinement.why}"
        return Told(kind="restored", headline=headline, below=evidence)
    return _correction(refinement, what, evidence, turned)


def _correction(refinement: Refinement, what: str, evidence: tuple[str, ...], turned: date | None) -> Told:
    if turned is not None:
        since = (
            f"{named(refinement.old)} was right, and turned on about {turned}; {named(refinement.new)} is better now."
        )
        return Told(kind="turned", headline=f"Customers changed. {what}: {since}", below=evidence)
    headline = f"Corrected. {what}: believed {named(refinement.old)}, but {named(refinement.new)} works better."
    return Told(kind="corrected", headline=headline, below=evidence)


def _evidence(refinement: Refinement, persona: Persona) -> str:
    """What the proof rests on: effect, interval and number."""
    if refinement.kind == "measure":
        return f"Measured on {refinement.units:,} customers; version {refinement.version + 1} of the persona says so."
    return f"{size_words(refinement, persona.goal)} {refinement.units:,} occasions were counted."


def _bet(refinement: Refinement) -> Iterator[str]:
    """Why a change may be proven while the range beside it touches 0."""
    if refinement.wealth is not None and refinement.effect is not None and not refinement.effect.excludes_zero:
        yield (
            f"The proof is a fair bet on it, laid before each day, that has grown {refinement.wealth:.0f}-fold. "
            "The range beside it is more cautious, and touches 0."
        )


def _trait(refinement: Refinement, persona: Persona) -> str:
    unit = next((t.unit for t in persona.traits if t.name == refinement.subject.attribute), "")
    old, new = float(refinement.old), float(refinement.new)
    said = f"believed {_amount(old, unit)}, measured {_amount(new, unit)}"
    if refinement.effect is None:
        return f"{said}."
    low, high = (_amount(old + end, unit) for end in (refinement.effect.lower, refinement.effect.upper))
    return f"{said} (between {low} and {high})."


def _amount(number: float, unit: str) -> str:
    return f"{amount_words(number, 4)} {unit}".strip()


def _sighting(segment: Segment, nearest: str) -> Told:
    again = segment.first_seen < segment.last_seen
    headline = (
        f"{'Seen again' if again else 'Found'}. {segment.size:,} customers are filed under {named(nearest)} "
        f"and behave unlike it: {segment.name}."
    )
    returned = f"Found again in {segment.returned} of {segment.splits} random halves of the customers."
    rule = f"In words: {segment_words(segment)}"
    wait = () if again or segment.state != "open" else ("It is believed when it is seen again a week later.",)
    return Told(kind="seen", headline=headline, below=(rule, returned, *wait, *segment.review))


def _adoption(persona: Persona) -> Told:
    headline = f"Adopted. They are a persona of their own now: {named(persona.name)} (personas/{persona.id}.yaml)."
    tests = tuple(
        f"Its first test: {attribute_name(each.name)}, "
        f"{' or '.join(named(each.label(option)) for option in each.options)}: {each.why}"
        for each in persona.attributes
    )
    return Told(kind="adopted", headline=headline, below=tests)
