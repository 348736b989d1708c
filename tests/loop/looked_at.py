"""What a search looks at, taken out of the engine."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from living_personas.discovery.columns import Column
from living_personas.loop.context import Context
from living_personas.loop.folding.known_customers import known_customers
from living_personas.loop.segments.discovery import columns_of

__all__ = ["looked_at"]


def looked_at(context: Context, day: date) -> tuple[pa.Table, tuple[Column, ...]]:
    """Every customer who counts, as known at the end of a day, with the kinds of what may be looked at."""
    with known_customers(context, day) as known:
        table = known.sample("")
        return table, columns_of(table, known.features.values())
