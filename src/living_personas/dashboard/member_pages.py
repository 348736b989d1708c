"""The members of a persona, a page at a time, and as a file; for approvers, and each look is written down."""

from __future__ import annotations

from starlette.responses import Response

from living_personas.dashboard.downloads import csv_file, reader_of
from living_personas.dashboard.visit import Visit
from living_personas.domain.persona import PersonaVersion
from living_personas.errors import by_name
from living_personas.loop.forgetting import note_act
from living_personas.reporting.crowd import refuse_few
from living_personas.reporting.members import ORDERS, MemberPage, member_count, member_page
from living_personas.reporting.views import membership_view

__all__ = ["form", "members", "take"]


def form(visit: Visit) -> Response:
    """How many there are, and the form that asks for them: who asked is known before anybody is shown."""
    return _page(visit, found=None)


def members(visit: Visit) -> Response:
    """A page of them. Ids are sent in forms: no address, no log and no history of a browser has one."""
    said, who = visit.form.get("page", "1"), visit.person
    found = member_page(
        visit.context,
        _persona(visit).id,
        by=who.by,
        at=who.now,
        asked=visit.form.get("asked", ""),
        order=visit.form.get("order", "newest"),
        page=max(int(said), 1) if said.isdecimal() and len(said) < 8 else 1,
    )
    return _page(visit, found=found)


def take(visit: Visit) -> Response:
    """All members as CSV, in the columns of ``personas export views``; who took it is written down."""
    persona, who, reader = _persona(visit).id, visit.person, reader_of(visit.form.get("reader", ""))
    refuse_few(shown=member_count(visit.context, persona) is not None)
    rows = membership_view(visit.context, persona=persona)
    note_act(visit.context, "listed", by=who.by, at=who.now, customers=rows.num_rows)
    return csv_file(rows, f"{persona}-members-{who.now.date()}", reader=reader)


def _page(visit: Visit, *, found: MemberPage | None) -> Response:
    version = _persona(visit)
    return visit.page(
        "members.html",
        persona=version.persona,
        count=found.count if found else member_count(visit.context, version.id),
        found=found,
        asked=visit.form.get("asked", ""),
        order=visit.form.get("order", "newest"),
        orders=ORDERS,
    )


def _persona(visit: Visit) -> PersonaVersion:
    return by_name("persona", visit.request.path_params["persona"], visit.newest())
