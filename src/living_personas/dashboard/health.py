"""Whether the data can be trusted: what became of events, what was left out, and how far behind we are."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from living_personas.dashboard.visit import Visit
from living_personas.domain.event import Receipt
from living_personas.loop.recording.receipts import receipts_by_day
from living_personas.memory.records import EXPIRED
from living_personas.reporting.crowd import crowd
from living_personas.reporting.dropped_words import dropped_words
from living_personas.reporting.health import drifted, worries
from living_personas.reporting.labels import health_by_name
from living_personas.reporting.uncounted_words import uncounted_words

__all__ = ["health"]

SHOWN_DAYS = 14
"""Days whose fates are listed one by one; the total is of all."""


def health(visit: Visit) -> Response:
    """The page."""
    reading = visit.reading()
    today = visit.context.today(visit.board.clock())
    closed = reading.stamp.closed
    by_day = receipts_by_day(visit.context)
    return visit.page(
        "health.html",
        reading=reading,
        behind=(today - timedelta(days=1) - closed).days if closed else None,
        fates=list(by_day.items())[-SHOWN_DAYS:],
        total=sum(by_day.values(), Receipt()),
        expired=EXPIRED.read(visit.context.store) or 0,
        waiting=visit.context.store.inbox.waiting(),
        quarantined=sorted(visit.context.store.quarantine.counts().items()),
        samples=visit.context.store.quarantine.rows(limit=5),
        drifted=drifted(reading.report),
        worries=worries(reading.report, today=today),
        uncounted=[
            uncounted_words(each, people=crowd) for each in health_by_name(reading.report).uncounted if not each.is_much
        ],
        dropped=[*dropped_words(reading.report.health)],
    )
