"""What somebody without a vote may do: ask for a change, and suggest a name; people decide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from living_personas.domain.belief import Subject
from living_personas.domain.event import Json
from living_personas.domain.refinement import Refinement
from living_personas.errors import InvalidDecisionError, UnknownNameError
from living_personas.steps.acting import LEASE_SECONDS, Person
from living_personas.steps.calendar import next_day
from living_personas.steps.discover import segment_named
from living_personas.steps.parts import Parts

__all__ = ["suggest_change", "suggest_name", "suggested_names"]

SUGGESTED = "suggested_name/"
"""Facts of this prefix hold the names suggested for a segment, as JSON: who suggested which."""

MOST_NAMES = 5


def suggest_change(parts: Parts, subject: Subject, person: Person, *, value: str, why: str) -> Refinement:
    """Open a review: a change that evidence did not ask for waits for a person, who sees who asked and why.

    It has an id of its own, so that its rejection never silences what evidence proposes later.

    Raises
    ------
    InvalidDecisionError
        If the attribute has that value, is pinned, or the same suggestion was rejected.
    UnknownNameError
        If there is no such persona, attribute or option.
    """
    with parts.store.lease(person.owner, now=person.now, seconds=LEASE_SECONDS), parts.store.commit():
        suggested = _suggested(parts, subject, person, value=value, why=why)
        known = {each.id: each for each in parts.store.refinements.all(persona=subject.persona)}.get(suggested.id)
        if known is not None and known.review == "rejected":
            raise InvalidDecisionError(
                f"{subject} -> {value!r} was rejected by {known.decided_by}.", hint="evidence may still propose it."
            )
        if known is None:
            parts.store.refinements.put(suggested)
        return known or suggested


def suggest_name(parts: Parts, segment: str, *, name: str, by: str) -> Mapping[str, str]:
    """Keep a name that somebody suggests for a segment; the names suggested so far, by who did."""
    known = segment_named(parts, segment)
    if not name.strip() or not name.isprintable():
        raise InvalidDecisionError(f"A segment cannot be called {name!r}.", hint="write some words on one line.")
    names = {**suggested_names(parts, known.id)}
    names.pop(by, None)
    names[by] = name.strip()
    newest = dict(list(names.items())[-MOST_NAMES:])
    parts.store.facts.set({SUGGESTED + known.id: json.dumps(newest).encode()})
    return newest


def suggested_names(parts: Parts, segment: str) -> Mapping[str, str]:
    """The names suggested for a segment, by who did."""
    block = parts.store.facts.get(SUGGESTED + segment)
    found: dict[str, Json] = json.loads(block) if block else {}
    return {by: str(name) for by, name in found.items()}


def _suggested(parts: Parts, subject: Subject, person: Person, *, value: str, why: str) -> Refinement:
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
    key = f"{meant}|suggested|{value}|{standing.since.isoformat()}"
    return Refinement(
        id="r" + sha256(key.encode()).hexdigest()[:12],
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
        why=f"Suggested by {person.by}, not by evidence: {why.strip()}",
        review="open",
    )
