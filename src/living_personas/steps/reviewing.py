"""Around a review: a person proposes a change, sets one aside, or asks for more data before deciding."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Literal

from living_personas.domain.belief import Subject
from living_personas.domain.refinement import Refinement
from living_personas.domain.value import value
from living_personas.errors import InvalidDecisionError, UnknownNameError
from living_personas.refining.propose import refinement_id
from living_personas.steps.acting import LEASE_SECONDS, Person
from living_personas.steps.calendar import next_day
from living_personas.steps.parts import Parts

__all__ = ["Aside", "asides", "propose_by_hand", "proposer_of", "set_aside", "take_up"]

ASIDE, PROPOSER = "aside/", "proposer/"
"""Facts of these prefixes hold what was set aside, and who proposed, by the refinement's id."""


@value
class Aside:
    """Why a review is not decided yet, by whom, and from how many units on it is asked again (0: when taken up)."""

    kind: Literal["held", "more data"]
    by: str
    day: date
    until_units: int = 0

    def waits(self, refinement: Refinement) -> bool:
        """Whether the refinement is still set aside."""
        return self.kind == "held" or refinement.units < self.until_units


def propose_by_hand(parts: Parts, subject: Subject, person: Person, *, new: str, why: str) -> Refinement:
    """A change that a person proposes: it waits for another person, and claims no evidence.

    Raises
    ------
    InvalidDecisionError
        If the attribute has that value already.
    """
    with parts.store.lease(person.owner, now=person.now, seconds=LEASE_SECONDS), parts.store.commit():
        known = {version.id: version for version in parts.versions()}
        if subject.persona not in known:
            raise UnknownNameError.among("persona", subject.persona, known)
        version = known[subject.persona]
        attribute = version.persona.attribute(subject.attribute)
        standing = version.standing(subject.attribute, subject.channel)
        if new not in attribute.options:
            raise UnknownNameError.among(f"option of {attribute.name!r} called", new, attribute.options)
        if new == standing.value:
            raise InvalidDecisionError(f"{subject} is {new!r} already.", hint="propose another of its options.")
        proposed = Refinement(
            id="p" + refinement_id(subject, "correct", new=f"proposed {new}", since=standing.since)[1:],
            kind="correct",
            subject=subject,
            version=version.version,
            old=standing.value,
            new=new,
            effect=None,
            units=0,
            wealth=None,
            grade="observational",
            day=next_day(parts, now=person.now),
            verdict="review",
            why=f"Proposed by {person.by}: {why.strip() or 'no reason given'}",
            review="open",
        )
        parts.store.refinements.put(proposed)
        parts.store.facts.set({PROPOSER + proposed.id: person.by.encode()})
        return proposed


def proposer_of(parts: Parts, refinement_id: str) -> str:
    """The person who proposed a change; empty if evidence did."""
    block = parts.store.facts.get(PROPOSER + refinement_id)
    return block.decode() if block else ""


def set_aside(parts: Parts, refinement_id: str, person: Person, *, until_units: int = 0) -> Aside:
    """Decide later: when somebody takes it up again, or once ``until_units`` units are known."""
    found = parts.store.refinements.get(refinement_id)
    if found.review != "open":
        raise InvalidDecisionError(f"Refinement {refinement_id!r} does not wait for anybody.", hint="reload the page.")
    kind: Literal["held", "more data"] = "more data" if until_units else "held"
    aside = Aside(kind=kind, by=person.by, day=parts.today(person.now), until_units=until_units)
    plain = {"kind": kind, "by": aside.by, "day": aside.day.isoformat(), "until_units": until_units}
    parts.store.facts.set({ASIDE + refinement_id: json.dumps(plain).encode()})
    return aside


def take_up(parts: Parts, refinement_id: str) -> None:
    """A review that was set aside waits again."""
    parts.store.facts.set({ASIDE + refinement_id: None})


def asides(parts: Parts) -> Mapping[str, Aside]:
    """What was set aside, by the refinement's id."""
    found: dict[str, Aside] = {}
    for key in parts.store.facts.keys(ASIDE):
        if block := parts.store.facts.get(key):
            plain = json.loads(block)
            found[key.removeprefix(ASIDE)] = Aside(**{**plain, "day": date.fromisoformat(plain["day"])})
    return found
