"""What a search for segments looks at, and a search that found what a test says."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from living_personas.discovery.columns import Column
from living_personas.domain.candidate import Candidate
from living_personas.domain.response import Responses
from living_personas.domain.segment import Segment
from living_personas.loop.context import Context
from living_personas.loop.folding.known_customers import known_customers
from living_personas.loop.segments.discovery import columns_of, sighting
from living_personas.loop.segments.lives import live


def looked_at(context: Context, day: date) -> tuple[pa.Table, tuple[Column, ...]]:
    """Every customer who counts, as known at the end of a day, with the kinds of what may be looked at."""
    with known_customers(context, day) as known:
        table = known.sample("")
        return table, columns_of(table, known.features.values())


def searched(context: Context, *found: Candidate, day: date, answers: Responses | None = None) -> tuple[Segment, ...]:
    """The segments that a search of ``day`` keeps which found these, with how their members answered."""
    return live(context.store, [sighting(each, day, answers) for each in found], day)
