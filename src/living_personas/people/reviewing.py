"""Around a review: a person sets one aside, or asks for more data before deciding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from living_personas.domain.aside import Aside
from living_personas.domain.names import named
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement, Verdict
from living_personas.errors import InvalidDecisionError, by_name, by_name_among
from living_personas.loop.context import Context
from living_personas.loop.segments.reopening import check_settled
from living_personas.memory.people_records import ASIDES
from living_personas.people.person import LEASE_SECONDS, Person
from living_personas.people.told_subject import told_subject
from living_personas.ports import Store

__all__ = [
    "FEWEST",
    "MORE",
    "asides",
    "ask_for_more",
    "check_meant",
    "is_about",
    "review_of",
    "set_aside",
    "take_up",
    "waiting",
]

MORE = 2
"""Asking for more data means: ask again at so many times the units of now, or at ``FEWEST``."""
FEWEST = 1_000

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


def check_meant(context: Context, made: Refinement) -> None:
    """Refuse what would be said of a change that means nothing any more: evidence or people went on meanwhile.

    Raises
    ------
    InvalidDecisionError
        If the value that holds, or what is asked of it, is not the one that the change was proposed about.
    """
    version = by_name("persona", made.subject.persona, {version.id: version for version in context.versions()})
    if is_about(made, version):
        return
    raise InvalidDecisionError(
        f"{_gone(made, version, about=told_subject(context.store, made.subject))}: it is gone.",
        hint="nothing is left to decide; if it is still right, evidence proposes it anew.",
    )


def set_aside(context: Context, refinement_id: str, person: Person) -> Aside:
    """Decide later: when somebody takes it up again."""
    return _set_aside(context, refinement_id, person)


def ask_for_more(context: Context, seen: Refinement, person: Person) -> Aside:
    """Decide once there are ``MORE`` times the units that are ``seen`` now, and ``FEWEST`` at least."""
    return _set_aside(context, seen.id, person, until_units=max(MORE * seen.units, FEWEST))


def take_up(context: Context, refinement_id: str, person: Person) -> Refinement:
    """A review that was set aside waits again.

    Raises
    ------
    InvalidDecisionError
        If it was not set aside, or does not wait for anybody.
    """
    with _deciding(context, refinement_id, person) as found:
        if found.id not in asides(context):
            raise InvalidDecisionError(
                f"Refinement {found.id!r} ({told_subject(context.store, found.subject)}) is not set aside: it waits.",
                hint="`personas review` lists what waits.",
            )
        ASIDES.write(context.store, found.id, None)
    return found


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
    about = f"Refinement {refinement_id!r} ({told_subject(store, found.subject)})"
    now = found.review or _JUDGED[found.verdict]
    if state == "rejected":
        check_settled(about, now, settled=["rejected"], listed="personas review rejected")
    elif now != "open":
        by, why = f" by {found.decided_by}" if found.decided_by else "", f" {found.why}" if now == "held" else ""
        raise InvalidDecisionError(
            f"{about} does not wait for anybody: it is {now}{by}.{why}",
            hint=f"`personas review reopen {refinement_id}` lets it wait again."
            if now == "rejected"
            else "`personas review` lists what waits.",
        )
    return found


def asides(context: Context) -> Mapping[str, Aside]:
    """What was set aside, by the refinement's id."""
    return ASIDES.all(context.store)


def _set_aside(context: Context, refinement_id: str, person: Person, *, until_units: int = 0) -> Aside:
    kind: Literal["held", "more data"] = "more data" if until_units else "held"
    with _deciding(context, refinement_id, person) as found:
        aside = Aside(kind=kind, by=person.by, day=context.today(person.now), until_units=until_units)
        ASIDES.write(context.store, found.id, aside)
    return aside


@contextmanager
def _deciding(context: Context, refinement_id: str, person: Person) -> Iterator[Refinement]:
    """Under the lease and in one transaction: what waits for a person, and is there still."""
    with context.store.lease(person.owner, now=person.now, seconds=LEASE_SECONDS), context.store.commit():
        found = review_of(context.store, refinement_id, "open")
        check_meant(context, found)
        yield found


def _gone(made: Refinement, version: PersonaVersion, *, about: str) -> str:
    """What is not as it was when a change was proposed."""
    subject, standings = made.subject, {(each.attribute, each.channel): each for each in version.standings}
    now = standings.get((subject.attribute, subject.channel))
    if made.kind == "measure" or now is None:
        return f"The persona does not have what the proposal is about any more, {about}"
    attribute = version.persona.attribute(subject.attribute)
    old, new, value = (named(attribute.label(each)) for each in (made.old, made.new, now.value))
    if now.value != made.old:
        state = f"is pinned at {value}" if now.pinned else f"is {value} now"
        return f"{about} {state}, and the proposal would change {old} to {new}"
    if now.asked > made.day:
        return f"What {about} is asked began anew on {now.asked}, and the proposal is of before"
    return f"{new} is no option of {about} any more, and the proposal would change {old} to it"
