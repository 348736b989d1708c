"""What is remembered of breakdowns beside their sums. Keys and bytes never change."""

from __future__ import annotations

from living_personas.domain.breakdown import Bands, CountedParts
from living_personas.memory.record import record

__all__ = ["BANDS", "PARTS_COUNTED"]

PARTS_COUNTED = record(
    "breakdowns/counted",
    dict[str, CountedParts],
    about="Of which days the units of each attribute are counted by the columns of `breakdowns`.",
)
BANDS = record(
    "breakdowns/bands",
    dict[str, Bands],
    about="Where the numbers of a column of `breakdowns` are cut into parts: fixed when it was first counted.",
)
