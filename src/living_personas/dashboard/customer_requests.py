"""Customers who ask what is kept of them, or to be forgotten: for people who may decide."""

from __future__ import annotations

from starlette.responses import Response

from living_personas.dashboard.visit import Visit
from living_personas.domain.counted import counted
from living_personas.errors import InvalidDecisionError
from living_personas.loop.forgetting import erase, lift
from living_personas.loop.person_data import as_lines, export_person
from living_personas.memory.people_records import ERASED_MANY, PRIVACY_ACTS

__all__ = ["forget", "let_back", "page", "tell_all"]

SHOWN = 20
"""Acts that are listed, newest first."""


def page(visit: Visit) -> Response:
    """The forms, and who asked for what."""
    store = visit.context.store
    acts = list(PRIVACY_ACTS.all(store).values())[::-1]
    return visit.page("privacy.html", acts=acts[:SHOWN], asked=len(acts), erased=ERASED_MANY.read(store) or 0)


def tell_all(visit: Visit) -> Response:
    """All that is kept of a customer, as a file."""
    found = export_person(visit.context, visit.form.get("customer", ""), by=visit.person.by, at=visit.person.now)
    headers = {"Content-Disposition": 'attachment; filename="customer.jsonl"', "Cache-Control": "no-store"}
    return Response("".join(as_lines(found)), media_type="application/x-ndjson", headers=headers)


def forget(visit: Visit) -> Response:
    """A customer is erased, if its id was typed twice."""
    customer, who = visit.form.get("customer", ""), visit.person
    if customer.strip() != visit.form.get("again", "").strip():
        raise InvalidDecisionError("The two ids are not the same.", hint="type the id twice: it cannot be undone.")
    done = erase(visit.context, [customer], now=who.now, by=who.by, owner=who.owner)
    rows = sum(done.rows.values())
    said = (
        f"Erased: {counted(rows, 'row')} under {counted(done.ids, 'id')}."
        if rows
        else "Nothing was known; it is kept out."
    )
    return visit.to("/privacy", said=said)


def let_back(visit: Visit) -> Response:
    """A customer who has signed up again may come back."""
    found = lift(visit.context, [visit.form.get("customer", "")], now=visit.person.now, by=visit.person.by)
    return visit.to("/privacy", said="It may come back." if found else "It was not erased: nothing was done.")
