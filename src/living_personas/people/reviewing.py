"""Around a review: a person sets one aside, or asks for more data before deciding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from living_personas.domain.aside import Aside
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement, Verdict
from living_personas.errors import InvalidDecisionError, by_name_among
from living_personas.loop.context import Context
from living_personas.loop.segments.reopening import check_settled
from living_personas.memory.people_records import ASIDES
from living_personas.people.person import Person
from living_personas.people.told_subject import told_subject
from living_personas.ports import Store

__all__ = ["asides", "is_about", "review_of", "set_aside", "take_up", "waiting"]

_JUDGED: Mapping[Verdict, str] = {"apply": "applied", "review": "open", "hold": "held"}
"""What a refinement is that no person was asked about."""


def waiting(context: Context) -> tuple[Refinement, ...]:
    """What waits for a person, by (day, id): what is about a persona that is there, and what it asks and holds now."""
    there = {version.id: version for version in context.versions()}
    return tuple(
        each
        for each in context.store.refinements.waiting()
        if each.subject.persona in there and is_about(each, there[each.subject.persona])
    )


def is_about(made: Refinement, version: PersonaVersion) -> bool:
    """Whether a change is of the value that holds, and of the question that is asked now: another goal asks anew."""
    if made.kind == "measure":
        return made.subject.attribute in {trait.name for trait in version.traits}
    subject = made.subject
    held = {(each.attribute, each.channel): each for each in version.standings}.get(
        (subject.attribute, subject.channel)
    )
    if held is None or held.value != made.old or held.asked > made.day:
        return False
    return made.new in version.persona.attribute(subject.attribute).options


def set_aside(context: Context, refinement_id: str, person: Person, *, until_units: int = 0) -> Aside:
    """Decide later: when somebody takes it up again, or once ``until_units`` units are known."""
    review_of(context.store, refinement_id, "open")
    aside = Aside(
        kind="more data" if until_units else "held",
        by=person.by,
        day=context.today(person.now),
        until_units=until_units,
    )
    ASIDES.write(context.store, refinement_id, aside)
    return aside


def review_of(store: Store, refinement_id: str, state: Literal["open", "rejected"]) -> Refinement:
    """The refinement whose review is open, or was rejected.

    Raises
    ------
    InvalidDecisionError
        If its review is in another state.
    UnknownNameError
        If there is no such refinement: it offers those only whose review is in that state.
    """
    every = {each.id: each for each in store.refinements.all()}
    able = [id_ for id_, each in every.items() if each.review == state]
    none = "nothing waits for a person." if state == "open" else "nothing was rejected."
    found = by_name_among("refinement", refinement_id, every, able=able, none=none)
    named = f"Refinement {refinement_id!r} ({told_subject(store, found.subject)})"
    now = found.review or _JUDGED[found.verdict]
    if state == "rejected":
        check_settled(named, now, settled=["rejected"], listed="personas review rejected")
    elif now != "open":
        raise InvalidDecisionError(
            f"{named} does not wait for anybody: it is {now}{f' by {found.decided_by}' if found.decided_by else ''}.",
            hint=f"`personas review reopen {refinement_id}` lets it wait again."
            if now == "rejected"
            else "`personas review` lists what waits.",
        )
    return found


def take_up(context: Context, refinement_id: str) -> None:
    """A review that was set aside waits again."""
    ASIDES.write(context.store, refinement_id, None)


def asides(context: Context) -> Mapping[str, Aside]:
    """What was set aside, by the refinement's id."""
    return ASIDES.all(context.store)
