"""A change that somebody asks for without evidence: it waits, who asked is kept, and somebody else decides."""

from __future__ import annotations

from hashlib import sha256

from living_personas.domain.belief import Subject
from living_personas.domain.refinement import Refinement
from living_personas.errors import InvalidDecisionError, UnknownNameError
from living_personas.steps.calendar import next_day
from living_personas.steps.parts import Parts
from living_personas.steps.people import people
from living_personas.steps.person import LEASE_SECONDS, Person

__all__ = ["check_not_own", "is_alone", "propose", "proposer_of"]

PROPOSER = "proposer/"
"""Facts of this prefix hold who proposed, by the refinement's id."""


def propose(parts: Parts, subject: Subject, person: Person, *, value: str, why: str) -> Refinement:
    """Open a review for a change that evidence did not ask for; the one that is open already, if it was asked for.

    It has an id of its own, so that its rejection never silences what evidence proposes later, and claims no evidence.

    Raises
    ------
    InvalidDecisionError
        If the attribute has that value, is pinned, or the same proposal was rejected.
    UnknownNameError
        If there is no such persona, attribute or option.
    """
    with parts.store.lease(person.owner, now=person.now, seconds=LEASE_SECONDS), parts.store.commit():
        proposed = _proposed(parts, subject, person, value=value, why=why)
        known = {each.id: each for each in parts.store.refinements.all(persona=subject.persona)}.get(proposed.id)
        if known is not None and known.review == "rejected":
            raise InvalidDecisionError(
                f"{proposed.subject} -> {value!r} was rejected by {known.decided_by}.",
                hint="evidence may still propose it.",
            )
        if known is not None and known.review == "open":
            return known
        parts.store.refinements.put(proposed)
        parts.store.facts.set({PROPOSER + proposed.id: person.by.encode()})
        return proposed


def proposer_of(parts: Parts, refinement_id: str) -> str:
    """Who proposed a change; empty if evidence did."""
    block = parts.store.facts.get(PROPOSER + refinement_id)
    return block.decode() if block else ""


def is_alone(parts: Parts, name: str) -> bool:
    """Whether nobody else may sign in to this workspace."""
    return all(_same(account.name, name) for account in people(parts))


def check_not_own(parts: Parts, refinement_id: str, person: Person) -> None:
    """Nobody approves what they proposed themselves, unless nobody else could.

    Raises
    ------
    InvalidDecisionError
        If the person proposed it, and there are others.
    """
    if _same(proposer_of(parts, refinement_id), person.by) and not is_alone(parts, person.by):
        raise InvalidDecisionError(f"{person.by!r} proposed this change.", hint="ask somebody else to decide.")


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _proposed(parts: Parts, subject: Subject, person: Person, *, value: str, why: str) -> Refinement:
    versions = {version.id: version for version in parts.versions()}
    if subject.persona not in versions:
        raise UnknownNameError.among("persona", subject.persona, versions)
    version = versions[subject.persona]
    attribute = version.persona.attribute(subject.attribute)
    standing = version.standing(subject.attribute, subject.channel)
    meant = Subject(persona=subject.persona, attribute=attribute.name, channel=standing.channel)
    if value not in attribute.options:
        raise UnknownNameError.among(f"option of {attribute.name!r} called", value, attribute.options)
    if standing.pinned or standing.value == value:
        state = "pinned at" if standing.pinned else "already"
        raise InvalidDecisionError(f"{meant} is {state} {standing.value!r}.", hint="there is nothing to propose.")
    key = f"{meant}|proposed|{value}|{standing.since.isoformat()}"
    return Refinement(
        id="p" + sha256(key.encode()).hexdigest()[:12],
        kind="correct",
        subject=meant,
        version=version.version,
        old=standing.value,
        new=value,
        effect=None,
        units=0,
        wealth=None,
        grade="observational",
        day=next_day(parts, now=person.now),
        verdict="review",
        why=f"Proposed by {person.by}, not by evidence: {why.strip() or 'no reason given'}",
        review="open",
    )
