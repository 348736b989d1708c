"""What people do to personas: approve, reject, pin, roll back, and hold everything. Each is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

from living_personas.domain.belief import Subject
from living_personas.domain.command_text import subject_words
from living_personas.domain.kill_turn import KillTurn
from living_personas.domain.names import named, subject_name
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement, Reopening
from living_personas.errors import InvalidDecisionError, LivingPersonasError, UnknownNameError
from living_personas.loop.closing import kept_states, next_day, renewed
from living_personas.loop.context import Context
from living_personas.loop.corrections.second_look import still_rests
from living_personas.loop.feed.reported_ratio import begin_anew
from living_personas.loop.learning.learn import entry_for
from living_personas.loop.publish import publish_day
from living_personas.loop.splits.split_proposals import without_proof
from living_personas.memory.people_records import ASIDES, KILL_TURNS, KILLED
from living_personas.memory.records import RATIO_ACKNOWLEDGED
from living_personas.people.person import LEASE_SECONDS, Person
from living_personas.people.proposing import check_not_own, check_subject
from living_personas.people.reviewing import check_meant, review_of
from living_personas.refining.apply import PARTING, apply, pinned, rolled_back
from living_personas.refining.gate import decided

__all__ = ["acknowledge", "approve", "kill", "pin", "reject", "reopen", "reopenable", "roll_back", "would_be"]

ONE_DAY = timedelta(days=1)


def approve(context: Context, refinement_id: str, person: Person) -> PersonaVersion:
    """The next version of the persona, in which a change that waited for a person holds.

    A split or merge changes no version of this one: ``loop.split_proposals.write_parts`` writes the file of the part,
    or takes it away.

    Raises
    ------
    InvalidDecisionError
        If it does not wait any more, is about a value that is no longer the present one, or was proposed by the same
        person while there are others.
    """
    with _acting(context, person) as day:
        waiting = review_of(context.store, refinement_id, "open")
        check_not_own(context.store, waiting.id, person)
        version = _latest(context, waiting.subject.persona)
        _check_still_meant(context, waiting, version)
        made = replace(_settled(waiting, person), review="approved", verdict="apply")
        context.store.refinements.put(made)
        ASIDES.write(context.store, waiting.id, None)
        if waiting.kind in PARTING:
            return version
        following = replace(apply(version, made, day=day, by=person.by), at=person.now)
        context.store.versions.append(following)
        return following


def reject(context: Context, refinement_id: str, person: Person) -> Refinement:
    """The refinement, rejected: the same change of the same definition is not proposed again.

    Raises
    ------
    InvalidDecisionError
        If it does not wait any more, or evidence went on meanwhile: then there is nothing left to reject.
    """
    with context.store.lease(person.owner, now=person.now, seconds=LEASE_SECONDS), context.store.commit():
        waiting = review_of(context.store, refinement_id, "open")
        check_meant(context, waiting)
        rejected = replace(_settled(waiting, person), review="rejected")
        context.store.refinements.put(rejected)
        ASIDES.write(context.store, rejected.id, None)
        return rejected


def reopen(context: Context, refinement_id: str, person: Person) -> Refinement:
    """The refinement that was rejected, which waits for a person again, with the numbers and the day that it had.

    A cycle in which evidence still proposes it brings the numbers of its day; evidence applies it only where it may
    apply what nobody rejected.

    Raises
    ------
    InvalidDecisionError
        If it was not rejected, is about a value that is no longer the present one, or data that came since took away
        what it rests on.
    """
    with context.store.lease(person.owner, now=person.now, seconds=LEASE_SECONDS), context.store.commit():
        found = review_of(context.store, refinement_id, "rejected")
        _check_still_meant(context, found, _latest(context, found.subject.persona))
        day = next_day(context, now=person.now) - ONE_DAY
        if not still_rests(context, found, day) or (found.kind == "split" and without_proof(context, [found])):
            raise InvalidDecisionError(
                f"Data that came since took away what refinement {found.id!r} rests on.",
                hint="leave it rejected; what the data say now is proposed by itself.",
            )
        done = Reopening(rejected_by=found.decided_by, by=person.by, at=person.now)
        waits = replace(found, review="open", decided_by="", at=None, reopened=(*found.reopened, done))
        context.store.refinements.put(waits)
        return waits


def reopenable(context: Context) -> tuple[Refinement, ...]:
    """What was rejected and can be opened again, by (day, id): it is still about the value that holds."""
    newest = {version.id: version for version in context.versions()}
    rejected = (each for each in context.store.refinements.all() if each.review == "rejected")
    return tuple(each for each in rejected if each.subject.persona in newest and _is_still_meant(context, each, newest))


def pin(
    context: Context, subject: Subject, person: Person, *, value: str | None = None, hold: bool = True
) -> PersonaVersion:
    """The version in which an attribute is held at a value, its present one unless given; everybody gets it at once.

    Without ``hold`` evidence may change it again.
    """
    with _acting(context, person) as day:
        version = _latest(context, subject.persona)
        check_subject(version, subject, value)
        standing = version.standing(subject.attribute, subject.channel)
        if standing.pinned == hold and value in (None, standing.value):
            return version
        following = replace(pinned(version, subject, day=day, by=person.by, value=value, pin=hold), at=person.now)
        context.store.versions.append(following)
        return following


def roll_back(context: Context, persona: str, person: Person, *, to: int) -> PersonaVersion:
    """The next version of a persona, in which every value is what it was in an older one.

    The present version, if its values are the same.
    """
    with _acting(context, person) as day:
        version, following = would_be(context, persona, person, to=to, day=day)
        if following is not version:
            context.store.versions.append(following)
        return following


def would_be(
    context: Context, persona: str, person: Person, *, to: int, day: date
) -> tuple[PersonaVersion, PersonaVersion]:
    """The present version of a persona, and the one that going back to an older one makes of it on ``day``."""
    version = _latest(context, persona)
    older = {old.version: old for old in context.store.versions.history(persona) if old.version < version.version}
    if to not in older:
        raise UnknownNameError.among(f"older version of {persona!r}:", str(to), map(str, older))
    following = rolled_back(version, older[to], day=day, by=person.by)
    same = (following.standings, following.traits) == (version.standings, version.traits)
    return version, version if same else replace(following, at=person.now)


def acknowledge(context: Context, subject: Subject, person: Person) -> date:
    """Take note that an attribute's units did not come in the shares of the policy, and have them checked anew.

    Returns the first day whose units are checked: the first that is not complete yet. Strata that were set aside count
    again from it on.
    """
    with _acting(context, person) as day:
        version = _latest(context, subject.persona)
        check_subject(version, subject, None)
        first = day + ONE_DAY - timedelta(days=version.persona.wait_days(version.persona.attribute(subject.attribute)))
        held = RATIO_ACKNOWLEDGED.read(context.store, str(subject)) or []
        RATIO_ACKNOWLEDGED.write(context.store, str(subject), [*held, first])
        begin_anew(context.store, subject.persona, subject.attribute, since=day)
        return first


def kill(context: Context, person: Person, *, on: bool) -> bool:
    """Throw the kill switch: while it is on, nothing is applied, and everybody gets the present values.

    False, and whoever turned it stays named, if it was so already.
    """
    with _acting(context, person):
        if (KILLED.read(context.store) is not None) == on:
            return False
        KILLED.write(context.store, person.by if on else None)
        number = len(KILL_TURNS.names(context.store)) + 1
        KILL_TURNS.write(context.store, f"{number:08d}", KillTurn(on=on, by=person.by, at=person.now))
        return True


@contextmanager
def _acting(context: Context, person: Person) -> Iterator[date]:
    """Under the lease and in one transaction: the last day of the old state, and a snapshot of the new one."""
    with context.store.lease(person.owner, now=person.now, seconds=LEASE_SECONDS), context.store.commit():
        day = next_day(context, now=person.now)
        yield day - ONE_DAY
        if context.versions():
            _publish(context, day, today=context.today(person.now))


def _publish(context: Context, day: date, *, today: date) -> None:
    states = renewed(context, kept_states(context))
    entries = tuple(entry_for(context.store, each, day) for each in states)
    publish_day(context, states, entries, day=day, begins=max(day, today) + ONE_DAY)


def _settled(waiting: Refinement, person: Person) -> Refinement:
    """A proposal on which a person decided: it waits for nobody, and its reason does not say so."""
    return replace(waiting, decided_by=person.by, at=person.now, why=decided(waiting.why))


def _latest(context: Context, persona: str) -> PersonaVersion:
    known = {version.id: version for version in context.versions()}
    if persona in known:
        return known[persona]
    if persona in {written.id for written in context.personas}:
        raise InvalidDecisionError(f"Persona {persona!r} has no version yet.", hint="run one cycle: `personas run`.")
    raise UnknownNameError.among("persona", persona, known)


def _is_still_meant(context: Context, rejected: Refinement, newest: Mapping[str, PersonaVersion]) -> bool:
    try:
        _check_still_meant(context, rejected, newest[rejected.subject.persona])
    except LivingPersonasError:
        return False
    return True


def _check_still_meant(context: Context, waiting: Refinement, version: PersonaVersion) -> None:
    """A proposal changes the value that it was made about, or none, and nothing that is pinned."""
    check_meant(context, waiting)
    if waiting.kind == "measure":
        return
    subject = waiting.subject
    standing = version.standing(subject.attribute, subject.channel)
    if standing.pinned:
        is_now = named(version.persona.attribute(subject.attribute).label(standing.value))
        raise InvalidDecisionError(
            f"{subject_name(version.persona.name, subject.attribute, subject.channel)} is pinned at {is_now}.",
            hint=f"let it go first: `personas pin {subject_words(subject)} --off`.",
        )
