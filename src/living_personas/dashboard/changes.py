"""Every version of every persona, and the ways to take the wheel."""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from living_personas.dashboard.sure import undo_at, undo_of
from living_personas.dashboard.visit import Visit
from living_personas.domain.belief import Subject
from living_personas.domain.names import attribute_name
from living_personas.domain.persona import Standing
from living_personas.errors import InvalidDecisionError, by_name
from living_personas.people import acting
from living_personas.reporting.kill_words import held_words, kill_turns, turn_words
from living_personas.reporting.rollback_words import rollback_words

__all__ = [
    "about_acknowledge",
    "about_kill",
    "about_pin",
    "about_roll_back",
    "acknowledge",
    "all_changes",
    "kill",
    "pin",
    "roll_back",
]

PER_PAGE = 40
TURNS_SHOWN = 6


def all_changes(visit: Visit) -> Response:
    """The timeline, newest first."""
    reading = visit.reading()
    asked = visit.request.query_params.get("page", "1")
    page = max(int(asked), 1) if asked.isdigit() and len(asked) < 6 else 1
    persona = visit.request.query_params.get("persona", "")
    entries = [entry for entry in reversed(visit.log(reading)) if persona in ("", entry.persona)]
    newest = {id_: version.version for id_, version in visit.newest().items()}
    return visit.page(
        "changes.html",
        reading=reading,
        entries=visit.entries(entries[(page - 1) * PER_PAGE : page * PER_PAGE]),
        count=len(entries),
        number=page,
        more=len(entries) > page * PER_PAGE,
        persona=persona,
        newest=newest,
        names=visit.labels.names,
        undo=undo_of(visit),
        held=held_words(visit.context),
        turns=[turn_words(each, visit.context.zone) for each in kill_turns(visit.context)[::-1][:TURNS_SHOWN]],
    )


def about_roll_back(visit: Visit) -> tuple[str, str]:
    """What going back means."""
    to = _older(visit)
    day = visit.context.today(visit.person.now)
    version, following = acting.would_be(visit.context, _persona(visit), visit.person, to=to, day=day)
    changed = rollback_words(version, following, option=partial(visit.option, version.id))
    means = "For everybody, from now on. It is tested anew, and evidence changes it only if a person agrees."
    if not changed:
        means = "Nothing changes: its values are the same."
    return f"Go back to version {to} of {version.persona.name}?", " ".join([*changed, means])


def about_pin(visit: Visit) -> tuple[str, str]:
    """What holding an attribute, or letting it go, means."""
    subject = _subject(visit)
    value = visit.option(subject.persona, subject.attribute, _standing(visit, subject).value)
    name = attribute_name(subject.attribute, subject.channel)
    if visit.form.get("hold") == "off":
        return f"Let {name} go?", f"Evidence may change {value} again."
    return f"Pin {name}?", f"{value} is shown to everybody at once, and evidence does not change it."


def about_kill(visit: Visit) -> tuple[str, str]:
    """What the kill switch means."""
    if visit.form.get("state") == "on":
        return (
            "Hold everything?",
            "Everybody gets the present values at once. Evidence is counted, and changes nothing.",
        )
    return "Let evidence go on?", "What is proven changes definitions again."


def about_acknowledge(visit: Visit) -> tuple[str, str]:
    """What taking note of an alarm means."""
    subject = _subject(visit)
    _standing(visit, subject)
    means = "Occasions are checked anew, and the next cycle lifts what holds changes. Find out first what went wrong."
    return f"Take note of the alarm about {attribute_name(subject.attribute, subject.channel)}?", means


def roll_back(visit: Visit) -> Response:
    """Every value is what it was in an older version."""
    to, before = _older(visit), by_name("persona", _persona(visit), visit.newest())
    version = acting.roll_back(visit.context, before.id, visit.person, to=to)
    if version.version == before.version:
        return visit.to(f"/personas/{version.id}", said=f"Nothing was changed: the values are those of version {to}.")
    said = f"Rolled back: {version.persona.name} has the values of version {to}, as version {version.version}."
    return visit.to(undo_at(f"/personas/{version.id}", to=str(before.version)), said=said)


def pin(visit: Visit) -> Response:
    """An attribute is held at a value, or let go."""
    subject, holds = _subject(visit), visit.form.get("hold") != "off"
    attribute, channel = subject.attribute, subject.channel
    was = _standing(visit, subject).pinned
    if not holds:
        version = acting.pin(visit.context, subject, visit.person, hold=False)
        said = f"Let go: evidence may change {attribute_name(attribute, channel)} again."
    else:
        version = acting.pin(visit.context, subject, visit.person)
        value = visit.option(version.id, attribute, version.standing(attribute, channel).value)
        said = f"Pinned: {attribute_name(attribute, channel)} is held at {value} for everybody, at once."
    page = f"/personas/{version.id}"
    undo = undo_at(page, attribute=f"{attribute}|{channel}", hold="off" if holds else "on")
    return visit.to(page if was == holds else undo, said=said)


def acknowledge(visit: Visit) -> Response:
    """An alarm about an attribute's shares was looked into: they are checked anew."""
    subject = _subject(visit)
    first = acting.acknowledge(visit.context, subject, visit.person)
    name = attribute_name(subject.attribute, subject.channel)
    return visit.to(f"/personas/{subject.persona}", said=f"Noted: {name} is checked anew from {first} on.")


def kill(visit: Visit) -> Response:
    """The kill switch."""
    on = visit.form.get("state") == "on"
    if not acting.kill(visit.context, visit.person, on=on):
        return visit.to("/changes", said="Everything was held already." if on else "Evidence went on already.")
    to = undo_at("/changes", state="off" if on else "on")
    return visit.to(to, said="Everything is held." if on else "Evidence goes on.")


def _persona(visit: Visit) -> str:
    return str(visit.request.path_params["persona"])


def _older(visit: Visit) -> int:
    to = visit.form.get("to", "")
    if not (to.isdecimal() and len(to) < 10):
        raise InvalidDecisionError(f"{to!r} is not the number of a version.", hint="choose one of the list.")
    return int(to)


def _subject(visit: Visit) -> Subject:
    attribute, _, channel = visit.form.get("attribute", "").partition("|")
    return Subject(persona=_persona(visit), attribute=attribute, channel=channel)


def _standing(visit: Visit, subject: Subject) -> Standing:
    known = visit.newest()
    return by_name("persona", subject.persona, known).standing(subject.attribute, subject.channel)
