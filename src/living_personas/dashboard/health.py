"""Whether the data can be trusted: what became of events, what was left out, and how far behind we are."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from living_personas.dashboard.visit import Visit
from living_personas.reporting.health import drifted, worries

__all__ = ["health"]


def health(visit: Visit) -> Response:
    """The page."""
    reading = visit.reading()
    today = visit.parts.today(visit.board.clock())
    closed = reading.stamp.closed
    return visit.page(
        "health.html",
        reading=reading,
        behind=(today - timedelta(days=1) - closed).days if closed else None,
        waiting=visit.parts.store.inbox.waiting(),
        quarantined=sorted(visit.parts.store.quarantine.counts().items()),
        samples=visit.parts.store.quarantine.rows(limit=5),
        drifted=drifted(reading.report),
        worries=worries(reading.report, today=today),
    )
