"""Living against static: the sums over customers inside and outside the holdout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pyarrow.compute as pc

from living_personas.domain.persona import EVER, longest_wait
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.fold import judged
from living_personas.loop.relations import row_count
from living_personas.loop.spellings import comparable_units
from living_personas.memory.tables import EVENTS, UNITS
from living_personas.stats.ratio import ClusterSums

__all__ = ["Compared", "compare_holdout"]


class Compared(NamedTuple):
    """A persona's customers who were decided under living personas, and those of the holdout; None without any."""

    living: ClusterSums | None
    static: ClusterSums | None


def compare_holdout(context: Context) -> Mapping[str, Compared]:
    """Sums of units and outcomes of every customer by the last closed day, by the attribute with most units.

    A customer has units of every attribute for the same outcomes: one attribute is enough, and two would count twice.
    Without a holdout in the data nothing is compared. Whoever may have changed sides is left out.
    """
    closed = closed_through(context)
    if closed is None:
        return {}
    last = closed - longest_wait(context.personas)
    units = comparable_units(context.store, UNITS.read(context.store, EVER, last))
    if not row_count(units, pc.field("holdout")):
        return {}
    sums = context.engine.per_customer(
        units=units,
        events=EVENTS.read(context.store, EVER, closed),
        links=context.store.inbox.links(),
        personas=[judged(persona) for persona in context.personas],
    ).to_pylist()
    return {name: _compared([row for row in sums if row["persona"] == name]) for name in {r["persona"] for r in sums}}


def _compared(rows: list[dict[str, float]]) -> Compared:
    """The two groups of one persona, by the attribute with most units."""
    most = max(rows, key=lambda row: (row["units"], row["attribute"]))["attribute"]
    groups = {bool(row["holdout"]): row for row in rows if row["attribute"] == most}
    living, static = (ClusterSums.of(groups[held]) if held in groups else None for held in (False, True))
    return Compared(living=living, static=static)
