"""What an edit of a persona's file does to what was learned, before it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from living_personas.domain.belief import Subject
from living_personas.domain.persona import Persona, PersonaVersion, Standing
from living_personas.domain.settings import Settings
from living_personas.domain.value import value
from living_personas.errors import UnknownNameError
from living_personas.loop.closing import kept_states, next_day, renewed
from living_personas.loop.context import Context
from living_personas.loop.corrections.guardrails import guarded
from living_personas.loop.learning.caps import with_cap
from living_personas.loop.learning.learn import entry_for
from living_personas.loop.publish import option_shares
from living_personas.refining.apply import edited

__all__ = ["Begun", "Touched", "begun_beliefs", "touched_values"]


@value
class Touched:
    """A settled value that an edit touches.

    ``stays`` says whether it goes on by itself, ``tested`` whether it is tested anew then. ``anew`` is the share of
    traffic that ``believed`` would have if the attribute began with it, None if the attribute goes.
    """

    subject: Subject
    value: str
    believed: str
    stays: bool
    tested: bool
    anew: float | None


@value
class Begun:
    """A belief that an edit begins anew: what holds now, whether that was settled, and what would hold then."""

    subject: Subject
    value: str
    settled: bool
    then: str


def begun_beliefs(
    context: Context, written: Iterable[Persona], settings: Settings, *, now: datetime
) -> tuple[Begun, ...]:
    """The beliefs that personas, as they would be ``written`` under other ``settings``, would begin anew.

    Another goal is another question: nothing that was counted about the one before answers it.
    """
    known, day = {version.id: version for version in context.store.versions.latest()}, next_day(context, now=now)
    found: list[Begun] = []
    for persona in written:
        before = known.get(persona.id)
        after = edited(before, with_cap(context, guarded(persona, settings), day=day), day=day) if before else None
        if before is None or after is None or before.persona.goal == after.persona.goal:
            continue
        then = {(each.attribute, each.channel): each for each in after.standings}
        found += [
            Begun(
                subject=Subject(persona=before.id, attribute=held.attribute, channel=held.channel),
                value=held.value,
                settled=held.is_settled,
                then=now_held.value,
            )
            for held in before.standings
            if (now_held := then.get((held.attribute, held.channel))) and now_held.asked != held.asked
        ]
    return tuple(found)


def touched_values(context: Context, written: Persona, *, now: datetime) -> tuple[Touched, ...]:
    """The settled values of a persona that its file, as ``written``, would put in question."""
    known = {version.id: version for version in context.store.versions.latest()}
    before = known.get(written.id)
    if before is None:
        return ()
    day = next_day(context, now=now)
    persona = with_cap(context, guarded(written, context.settings), day=day)
    after = edited(before, persona, day=day)
    fresh = replace(persona, attributes=tuple(replace(each, anew=day) for each in persona.attributes))
    begun = edited(before, fresh, day=day)
    if after is None or begun is None:
        return ()
    touched = [held for held in before.standings if held.is_settled and _is_asked(held, before.persona, persona)]
    shares = _shares(context, begun, day) if touched else {}
    return tuple(_touched(held, before, after, shares) for held in touched)


def _is_asked(held: Standing, before: Persona, after: Persona) -> bool:
    """Whether the belief or the options of a standing's attribute are others, or it is asked anew."""
    new = next((each for each in after.attributes if each.name == held.attribute), None)
    if new is None:
        return True
    old = before.attribute(held.attribute)
    options = tuple(map(new.called, old.options))
    return (new.called(old.believed), options, old.anew) != (new.believed, new.options, new.anew)


def _touched(
    held: Standing, before: PersonaVersion, after: PersonaVersion, shares: Mapping[Subject, Mapping[str, float]]
) -> Touched:
    subject = Subject(persona=before.id, attribute=held.attribute, channel=held.channel)
    try:
        new, now = after.persona.attribute(held.attribute), after.standing(held.attribute, held.channel)
    except UnknownNameError:
        return Touched(subject=subject, value=held.value, believed="", stays=False, tested=False, anew=None)
    return Touched(
        subject=subject,
        value=held.value,
        believed=new.believed,
        stays=now.is_settled and now.value == new.called(held.value),
        tested=now.since != held.since,
        anew=shares.get(subject, {}).get(new.believed),
    )


def _shares(context: Context, version: PersonaVersion, day: date) -> Mapping[Subject, Mapping[str, float]]:
    """What each option of a version would be given if it held now."""
    found: dict[Subject, Mapping[str, float]] = {}
    for state in renewed(context, kept_states(context), versions=[version]):
        table = option_shares(state, entry_for(context.store, state, day), frozenset())
        for a, subject in enumerate(state.panel.subjects):
            found[subject] = dict(zip(state.panel.options[a], map(float, table[a]), strict=False))
    return found
