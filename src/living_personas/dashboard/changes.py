"""Every version of every persona, and the ways to take the wheel."""

from __future__ import annotations

from starlette.responses import Response

from living_personas.dashboard.visit import Visit
from living_personas.domain.belief import Subject
from living_personas.errors import InvalidDecisionError
from living_personas.memory.people_records import KILLED
from living_personas.people import acting
from living_personas.reporting.report import log_entries

__all__ = ["all_changes", "kill", "pin", "roll_back"]

PER_PAGE = 40


def all_changes(visit: Visit) -> Response:
    """The timeline, newest first."""
    reading = visit.reading()
    asked = visit.request.query_params.get("page", "1")
    page = max(int(asked), 1) if asked.isdigit() and len(asked) < 6 else 1
    persona = visit.request.query_params.get("persona", "")
    is_fresh = reading.stamp.snapshot == visit.snapshot()
    log = reading.report.log if is_fresh else log_entries(visit.context)
    entries = [entry for entry in reversed(log) if persona in ("", entry.persona)]
    newest = {id_: version.version for id_, version in visit.newest().items()}
    return visit.page(
        "changes.html",
        reading=reading,
        entries=entries[(page - 1) * PER_PAGE : page * PER_PAGE],
        count=len(entries),
        number=page,
        more=len(entries) > page * PER_PAGE,
        persona=persona,
        newest=newest,
        names={id_: version.persona.name for id_, version in reading.versions.items()},
        killed=KILLED.read(visit.context.store),
    )


def roll_back(visit: Visit) -> Response:
    """Every value is what it was in an older version."""
    to = visit.form.get("to", "")
    if not to.isdigit():
        raise InvalidDecisionError(f"{to!r} is not the number of a version.", hint="choose one of the list.")
    version = acting.roll_back(visit.context, visit.request.path_params["persona"], visit.person, to=int(to))
    said = f"Rolled back: {version.persona.name} says what version {to} said, as version {version.version}."
    return visit.to(f"/personas/{version.id}", said=said)


def pin(visit: Visit) -> Response:
    """An attribute is held at a value, or let go."""
    attribute, _, channel = visit.form.get("attribute", "").partition("|")
    subject = Subject(persona=visit.request.path_params["persona"], attribute=attribute, channel=channel)
    if visit.form.get("hold") == "off":
        version = acting.pin(visit.context, subject, visit.person, hold=False)
        said = f"Let go: evidence may change {attribute} again."
    else:
        version = acting.pin(visit.context, subject, visit.person)
        said = f"Pinned: {attribute} is held at {version.standing(attribute, channel).value!r} for everybody, at once."
    return visit.to(f"/personas/{version.id}", said=said)


def kill(visit: Visit) -> Response:
    """The kill switch."""
    on = visit.form.get("state") == "on"
    acting.kill(visit.context, visit.person, on=on)
    return visit.to("/changes", said="Everything is held." if on else "Evidence goes on.")
