"""One customer: what it was shown, when, why, and what came of it; for approvers, and each look is written down."""

from __future__ import annotations

from starlette.responses import Response

from living_personas.dashboard.visit import Visit
from living_personas.reporting.customer_history import CustomerHistory, customer_history

__all__ = ["form", "history"]


def form(visit: Visit) -> Response:
    """The form that asks for an id: ids are in no address, so that no log and no history of a browser has them."""
    return _page(visit, None)


def history(visit: Visit) -> Response:
    """The history of the customer whose id was given."""
    who = visit.person
    return _page(visit, customer_history(visit.context, visit.form.get("customer", ""), by=who.by, at=who.now))


def _page(visit: Visit, found: CustomerHistory | None) -> Response:
    answer = visit.page("customer.html", found=found)
    answer.headers["Cache-Control"] = "no-store"
    return answer
