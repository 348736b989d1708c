"""A change that somebody asks for without evidence: it waits, who asked is kept, and somebody else decides."""

from __future__ import annotations

from hashlib import sha256

from living_personas.domain.belief import Subject
from living_personas.domain.names import named, subject_name
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.errors import InvalidDecisionError, UnknownNameError, by_name
from living_personas.loop.closing import next_day
from living_personas.loop.context import Context
from living_personas.memory.people_records import PROPOSERS
from living_personas.people.person import LEASE_SECONDS, Person
from living_personas.people.person_accounts import people
from living_personas.people.told_subject import told_subject
from living_personas.ports import Store

__all__ = ["check_not_own", "check_subject", "is_alone", "propose", "proposer_of"]


def propose(context: Context, subject: Subject, person: Person, *, value: str, why: str) -> Refinement:
    """Open a review for a change that evidence did not ask for; the one that is open already, if it was asked for.

    It has an id of its own, so that its rejection never silences what evidence proposes later, and claims no evidence.

    Raises
    ------
    InvalidDecisionError
        If the attribute has that value, is pinned, or the same proposal was rejected.
    UnknownNameError
        If there is no such persona, attribute or option.
    """
    with context.store.lease(person.owner, now=person.now, seconds=LEASE_SECONDS), context.store.commit():
        proposed = _proposed(context, subject, person, value=value, why=why)
        known = {each.id: each for each in context.store.refinements.all(persona=subject.persona)}.get(proposed.id)
        if known is not None and known.review == "rejected":
            raise InvalidDecisionError(
                f"{told_subject(context.store, subject)}: {value!r} was rejected by {known.decided_by}.",
                hint=f"`personas review reopen {known.id}` opens it again; evidence may propose it in any case.",
            )
        if known is not None and known.review == "open":
            return known
        context.store.refinements.put(proposed)
        PROPOSERS.write(context.store, proposed.id, person.who)
        return proposed


def proposer_of(store: Store, refinement_id: str) -> str:
    """Who proposed a change; empty if evidence did."""
    return PROPOSERS.read(store, refinement_id) or ""


def check_subject(version: PersonaVersion, subject: Subject, value: str | None) -> None:
    """Refuse a channel on which an attribute is not believed, and a value that is no option of it.

    Raises
    ------
    InvalidDecisionError
        If it is believed on other channels, or on none.
    UnknownNameError
        If there is no such attribute or option.
    """
    attribute = version.persona.attribute(subject.attribute)
    scopes = version.persona.scopes(attribute)
    if subject.channel not in scopes:
        per_channel = attribute.per == "channel"
        raise InvalidDecisionError(
            f"{subject.attribute!r} is believed per {attribute.per}, and the channel is {subject.channel!r}.",
            hint=f"name one of its channels: {', '.join(scopes)}." if per_channel else "leave out the channel.",
        )
    if value is not None and value not in attribute.options:
        raise UnknownNameError.among(f"option of {attribute.name!r} called", value, attribute.options)


def is_alone(store: Store, name: str) -> bool:
    """Whether nobody else may sign in to this workspace."""
    return all(_same(account.name, name) for account in people(store))


def check_not_own(store: Store, refinement_id: str, person: Person) -> None:
    """Nobody approves what they proposed themselves, unless nobody else could: two people are two accounts.

    Raises
    ------
    InvalidDecisionError
        If there are others, and the person proposed it, or has no account in a workspace that has some.
    """
    proposer, accounts = proposer_of(store, refinement_id), people(store)
    if not proposer or is_alone(store, person.who):
        return
    if _same(proposer, person.who):
        raise InvalidDecisionError(f"{person.who!r} proposed this change.", hint="ask somebody else to decide.")
    if not any(_same(account.name, person.who) for account in accounts):
        raise InvalidDecisionError(
            f"{proposer!r} proposed this change, and {person.who!r} is no account of this workspace.",
            hint="two people need two accounts: decide in the dashboard, or under a login that is listed by "
            "`personas people list`.",
        )


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _proposed(context: Context, subject: Subject, person: Person, *, value: str, why: str) -> Refinement:
    versions = {version.id: version for version in context.versions()}
    version = by_name("persona", subject.persona, versions)
    attribute = version.persona.attribute(subject.attribute)
    check_subject(version, subject, value)
    standing = version.standing(subject.attribute, subject.channel)
    meant = Subject(persona=subject.persona, attribute=attribute.name, channel=standing.channel)
    if standing.pinned or standing.value == value:
        state = "pinned at" if standing.pinned else "already"
        is_now = named(attribute.label(standing.value))
        about = subject_name(version.persona.name, meant.attribute, meant.channel)
        raise InvalidDecisionError(f"{about} is {state} {is_now}.", hint="there is nothing to propose.")
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
        day=next_day(context, now=person.now),
        verdict="review",
        why=f"Proposed by {person.by}, not by evidence: {why.strip() or 'no reason given'}",
        review="open",
        at=person.now,
    )
