"""Counts of units for the report, kept by day: a page opens the files of days that have changed, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import pyarrow.compute as pc

from living_personas.domain.decision import UNMATCHED
from living_personas.loop.relations import filtered, row_count
from living_personas.memory.records import UNITS_COUNTED
from living_personas.memory.tables import CELLS, UNITS
from living_personas.ports import Store

__all__ = ["UnitCounts", "keep_unit_counts", "met_without_shares", "unit_counts"]

_LOOKED_AT = timedelta(days=28)


class UnitCounts(NamedTuple):
    """How many units there ever were of customers whom no rule matched, and how many whose shares are unknown."""

    unmatched: int
    observational: int


def unit_counts(store: Store) -> UnitCounts:
    """Of all days, as they are now; what was kept of a day stands for it unless its rows are others."""
    counted = _counted(store).values()
    return UnitCounts(sum(unmatched for _, unmatched, _ in counted), sum(unknown for _, _, unknown in counted))


def keep_unit_counts(store: Store) -> None:
    """Keep the counts of every day, of which those whose rows are others are counted anew."""
    counted = _counted(store)
    if counted != UNITS_COUNTED.read(store):
        UNITS_COUNTED.write(store, counted)


def met_without_shares(store: Store, closed: date) -> frozenset[tuple[str, str]]:
    """The personas and attributes whose options were met in the last four weeks with shares that nobody knows."""
    if not unit_counts(store).observational:
        return frozenset()
    cells, names = CELLS.read(store, closed - _LOOKED_AT, closed), ["persona", "attribute"]
    met = filtered(cells, pc.field("policy") == "", CELLS.schema, columns=names).group_by(names).aggregate([])
    return frozenset(zip(met["persona"].to_pylist(), met["attribute"].to_pylist(), strict=True))


def _counted(store: Store) -> dict[date, tuple[str, int, int]]:
    """The counts of each day, with the etag of the rows that they are of."""
    kept: Mapping[date, tuple[str, int, int]] = UNITS_COUNTED.read(store) or {}
    return {
        day: kept[day] if day in kept and kept[day][0] == etag else (etag, *_count(store, day))
        for day, etag in UNITS.etags(store).items()
    }


def _count(store: Store, day: date) -> UnitCounts:
    units = UNITS.read(store, day, day)
    return UnitCounts(row_count(units, pc.field("persona") == UNMATCHED), row_count(units, pc.field("policy") == ""))
