"""What came of each unit by itself: the fold of all evidence, asked about few units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.loop.context import Context
from living_personas.loop.folding.fold import folded

__all__ = ["UnitOutcome", "unit_outcomes"]


class UnitOutcome(NamedTuple):
    """What one metric counts of a unit: whether it happened, and its value (winsorised) if the metric has one."""

    happened: bool
    value: float


def unit_outcomes(
    context: Context, units: pa.Table, events: pa.Table, *, through: date
) -> tuple[Mapping[str, UnitOutcome], ...]:
    """What is known of each unit at the end of the day ``through``, by metric; empty of one that counts for nothing.

    Parameters
    ----------
    units, events
        ``UNIT_SCHEMA`` and ``EVENT_SCHEMA``; the events of the customers of these units.
    """
    first = pc.min(units["cohort"]).as_py()
    if first is None or first > through:
        return tuple({} for _ in range(units.num_rows))
    named = pa.array([str(row) for row in range(units.num_rows)], pa.string())  # cells of each unit stay apart by it
    apart = units.set_column(units.schema.get_field_index("policy"), units.schema.field("policy"), named)
    cells = folded(context, first, through, units=apart, events=events).table
    found: dict[tuple[int, str], UnitOutcome] = defaultdict(lambda: UnitOutcome(happened=False, value=0.0))
    for cell in cells.select(["policy", "metric", "s", "sum"]).to_pylist():
        key = (int(cell["policy"]), cell["metric"])
        before = found[key]
        found[key] = UnitOutcome(before.happened or cell["s"] > 0, before.value + cell["sum"])
    return tuple({metric: each for (of, metric), each in found.items() if of == row} for row in range(units.num_rows))
