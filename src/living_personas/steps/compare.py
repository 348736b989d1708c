"""Living against static: the sums over customers inside and outside the holdout."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq

from living_personas.domain.persona import EVER
from living_personas.ports import Relation
from living_personas.stats.ratio import ClusterSums
from living_personas.steps.calendar import closed_through
from living_personas.steps.fold import judged, longest_horizon
from living_personas.steps.parts import Parts

__all__ = ["Compared", "compare_holdout"]


class Compared(NamedTuple):
    """A persona's customers who were decided under living personas, and those of the holdout; None without any."""

    living: ClusterSums | None
    static: ClusterSums | None


def compare_holdout(parts: Parts) -> Mapping[str, Compared]:
    """Sums of units and outcomes of every customer by the last closed day, by the attribute with most units.

    A customer has units of every attribute for the same outcomes: one attribute is enough, and two would count twice.
    Without a holdout in the data nothing is compared.
    """
    closed = closed_through(parts)
    if closed is None:
        return {}
    units = parts.store.partitions.read("units", EVER, closed - timedelta(days=longest_horizon(parts.personas)))
    if not _has_holdout(units):
        return {}
    sums = parts.engine.per_customer(
        units=units,
        events=parts.store.partitions.read("events", EVER, closed),
        links=parts.store.inbox.links(),
        personas=[judged(persona) for persona in parts.personas],
    ).to_pylist()
    return {name: _compared([row for row in sums if row["persona"] == name]) for name in {r["persona"] for r in sums}}


def _compared(rows: list[dict[str, float]]) -> Compared:
    """The two groups of one persona, by the attribute with most units."""
    most = max(rows, key=lambda row: (row["units"], row["attribute"]))["attribute"]
    groups = {bool(row["holdout"]): row for row in rows if row["attribute"] == most}
    living, static = (ClusterSums.of(groups[held]) if held in groups else None for held in (False, True))
    return Compared(living=living, static=static)


def _has_holdout(units: Relation) -> bool:
    if isinstance(units, tuple):
        return any(_has_holdout(pq.read_table(path, columns=["holdout"])) for path in units)
    return bool(pc.any(units["holdout"]).as_py())
