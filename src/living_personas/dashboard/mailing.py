"""A list to take along: who is on it, what each is to get, and whether now; for people who may decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.responses import Response

from living_personas.dashboard.downloads import csv_pieces, reader_of
from living_personas.dashboard.visit import Visit
from living_personas.domain.names import named
from living_personas.domain.table_reader import Reader
from living_personas.domain.value import value
from living_personas.errors import ExportError, InvalidDecisionError
from living_personas.loop.forgetting import note_act
from living_personas.loop.recording.record import record_pieces
from living_personas.serving.list_decisions import ListDecisions
from living_personas.serving.list_exposures import exposures_of
from living_personas.serving.lists import AllKnown, deciding_list

__all__ = ["count", "lists", "take"]


EMAIL = "email"


@value
class _Asked:
    """What the form says: where it is met, for which campaign, whose list, and what reads it."""

    channel: str = ""
    campaign: str = ""
    persona: str = ""
    reader: Reader = "spreadsheet"


def lists(visit: Visit) -> Response:
    """The empty form."""
    return _page(visit, _Asked(channel=EMAIL), found=None)


def count(visit: Visit) -> Response:
    """The form, and how many would be on the list and why others not; nothing is recorded."""
    asked = _asked(visit)
    with _deciding(visit, asked) as found:
        return _page(visit, asked, found=found)


def take(visit: Visit) -> Response:
    """The list as CSV; who took it, and how many are on it, is written down.

    If the form says that it is sent, all who may be contacted now are recorded as met by it.
    """
    asked, who = _asked(visit), visit.person
    with _deciding(visit, asked) as found:
        note_act(visit.context, "listed", by=who.by, at=who.now, customers=found.chosen)
        if visit.form.get("sent"):
            events = exposures_of(found, at=found.at, channel=asked.channel, zone=visit.context.zone)
            record_pieces(visit.context, events, received=who.now)
        name = f"{asked.persona or 'everybody'} {asked.channel} {found.at.date()}".lower()
        return csv_pieces(found.wide(), name, reader=asked.reader, folder=visit.context.scratch)


@contextmanager
def _deciding(visit: Visit, asked: _Asked) -> Iterator[ListDecisions]:
    who, now = AllKnown(persona=asked.persona), visit.board.clock()
    with deciding_list(visit.context, who, at=now, channel=asked.channel, campaign=asked.campaign) as found:
        if asked.persona and not found.asked:
            raise ExportError(
                f"Nobody is in the persona {named(visit.labels.persona(asked.persona))} yet.",
                hint="who is in it is found out each night: look again tomorrow, or choose everybody.",
            )
        yield found


def _asked(visit: Visit) -> _Asked:
    said = {name: visit.form.get(name, "").strip() for name in ("channel", "campaign", "persona")}
    if said["persona"] and said["persona"] not in visit.newest():
        raise InvalidDecisionError(f"There is no persona {said['persona']!r}.", hint="choose one of the list.")
    return _Asked(**said, reader=reader_of(visit.form.get("reader", "")))


def _channels(visit: Visit) -> list[str]:
    """E-mail, every channel that a persona is met on, and those whose contacts are counted."""
    contact = visit.context.settings.contact
    met = {channel for version in visit.newest().values() for channel in version.persona.channels}
    return sorted({EMAIL, *met, *(contact.channels if contact else ())})


def _page(visit: Visit, asked: _Asked, *, found: ListDecisions | None) -> Response:
    return visit.page(
        "lists.html", asked=asked, channels=_channels(visit), names=visit.labels.names, found=found and _counted(found)
    )


def _counted(found: ListDecisions) -> dict[str, object]:
    """How many were asked for, are on the list, may be contacted now, and are not on it."""
    return {
        "asked": found.asked,
        "on": found.chosen,
        "now": found.now,
        "refused": found.refused,
        "rest": found.asked - found.chosen - found.refused,
        "undecided": found.undecided,
    }
