"""A search for segments that found what a test says."""

from __future__ import annotations

from datetime import date

from living_personas.domain.candidate import Candidate
from living_personas.domain.response import Responses
from living_personas.domain.segment import Segment
from living_personas.loop.context import Context
from living_personas.loop.segments.discovery import sighting
from living_personas.loop.segments.lives import live

__all__ = ["searched"]


def searched(context: Context, *found: Candidate, day: date, answers: Responses | None = None) -> tuple[Segment, ...]:
    """The segments that a search of ``day`` keeps which found these, with how their members answered."""
    return live(context.store, [sighting(each, day, answers) for each in found], day)
