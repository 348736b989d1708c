"""Segments that no persona explains: the map, a card for each, and what becomes of them."""

from __future__ import annotations

from starlette.responses import Response

from living_personas.dashboard.charts import map_chart
from living_personas.dashboard.visit import Visit
from living_personas.domain.segment import Segment
from living_personas.errors import InvalidDecisionError
from living_personas.reporting.crowd import CROWD
from living_personas.reporting.differences import differences
from living_personas.reporting.responses import response_words
from living_personas.reporting.segment_map import SegmentMap, segment_map
from living_personas.steps.adopting import adopt_segment, dismiss_segment, rename_segment
from living_personas.steps.calendar import next_day
from living_personas.steps.discover import segment_named
from living_personas.steps.discover import segments as found_segments
from living_personas.steps.members import CUSTOMERS

__all__ = ["adopt", "all_segments", "dismiss", "name"]


def all_segments(visit: Visit) -> Response:
    """Open segments on cards, the map, and the history."""
    reading = visit.reading()
    found = [segment for segment in found_segments(visit.parts) if segment.size >= CROWD]
    seen = _map(visit)
    names = {id_: version.persona.name for id_, version in reading.versions.items()}
    return visit.page(
        "segments.html",
        reading=reading,
        open=[(segment, differences(segment), response_words(segment)) for segment in found if segment.state == "open"],
        past=[segment for segment in found if segment.state != "open"],
        map=seen,
        chart=map_chart(seen, names) if seen else None,
        names=names,
    )


def name(visit: Visit) -> Response:
    """A segment is called something else."""
    segment = rename_segment(visit.parts, _shown(visit), name=visit.form.get("name", ""))
    return visit.to("/segments", said=f"It is called {segment.name!r} now.")


def adopt(visit: Visit) -> Response:
    """A segment becomes a persona file; its first version comes with the next cycle."""
    day = next_day(visit.parts, now=visit.board.clock())
    persona = adopt_segment(visit.parts, _shown(visit), root=visit.board.root, day=day, by=visit.person.by)
    said = f"Adopted as {persona.name}: it is version 1 after the next cycle (`personas run`)."
    return visit.to("/segments", said=said)


def dismiss(visit: Visit) -> Response:
    """A segment is of no use."""
    dismissed = dismiss_segment(visit.parts, _shown(visit), by=visit.person.by)
    return visit.to("/segments", said=f"Dismissed: {dismissed.name}.")


def _shown(visit: Visit) -> Segment:
    segment = segment_named(visit.parts, visit.request.path_params["segment"])
    if segment.size < CROWD:
        raise InvalidDecisionError("The segment has too few members.", hint=f"it takes at least {CROWD}.")
    return segment


def _map(visit: Visit) -> SegmentMap | None:
    days = visit.parts.store.partitions.days(CUSTOMERS)
    key = (days[-1], visit.parts.store.partitions.read(CUSTOMERS, days[-1], days[-1])) if days else None
    return visit.board.maps.get(str(key), lambda: segment_map(visit.parts))
