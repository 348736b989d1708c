"""One day's units and what they came to, summed by the value of each column: every column's sums are the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.domain.cell import CELL_SCHEMA, CELL_SUMS, GOAL
from living_personas.loop.context import Context
from living_personas.loop.folding.fold import folded
from living_personas.loop.folding.known_of_units import KnownOfUnits
from living_personas.loop.relations import filtered
from living_personas.loop.splits.part_values import UNKNOWN, PartValues, values_of
from living_personas.memory.tables import BREAKDOWN_SCHEMA, BREAKDOWNS, ERASED_CELLS, EVENTS, UNITS
from living_personas.stats.arrays import Ints

__all__ = ["SPAN", "is_about", "part_sums"]

SPAN = 28
"""Days within which a customer is counted once, so that it is known how many customers a part has at least."""

_KEY = ("persona", "attribute", "channel", "option", "stratum", "policy")
_SUMS = ("customers", *CELL_SUMS)


def part_sums(
    context: Context,
    subjects: Sequence[Subject],
    known: KnownOfUnits,
    asked: Mapping[str, str],
    *,
    day: date,
    last: date,
) -> pa.Table:
    """The sums (columns of ``BREAKDOWNS``) of some attributes' units of a day, with their outcomes until ``last``."""
    found = filtered(UNITS.read(context.store, day, day), schema=UNITS.schema)
    units = found.filter(is_about(found, subjects)).combine_chunks()
    groups = _Groups.of(values_of(context, units, day, known, asked) if units.num_rows else {})
    grouped = pa.concat_tables(
        [
            _erased(context, subjects, groups, day, last),
            *_outcomes(context, units, groups, day=day, last=last),
            _customers(context, units, groups, day),
        ]
    )
    return pa.concat_tables([_by(column, grouped, groups, day) for column in asked])


def is_about(rows: pa.Table, subjects: Iterable[Subject]) -> pa.ChunkedArray:
    """Which rows are about one of these attributes."""
    named = pa.array([f"{each.persona}\n{each.attribute}" for each in subjects], pa.string())
    return pc.is_in(pc.binary_join_element_wise(rows["persona"], rows["attribute"], "\n"), value_set=named)


class _Groups(NamedTuple):
    """Units whose customers have the same values in all columns: their group (U,), and the places of each (G, C).

    The last group is of those of whom nothing is known.
    """

    names: Mapping[str, tuple[str, ...]]
    of_unit: Ints
    places: Ints

    @classmethod
    def of(cls, values: Mapping[str, PartValues]) -> _Groups:
        columns = [each.place - UNKNOWN for each in values.values()]
        sizes = [len(each.names) + 2 for each in values.values()]
        code = np.zeros(columns[0].size if columns else 0, dtype=np.int64)
        for column, size in zip(columns, sizes, strict=True):
            code = code * size + column
        each, of_unit = np.unique(code, return_inverse=True)
        places = np.full((each.size + 1, len(columns)), UNKNOWN)
        for at in reversed(range(len(columns))):
            places[:-1, at] = each % sizes[at] + UNKNOWN
            each = each // sizes[at]
        return cls({name: found.names for name, found in values.items()}, of_unit, places)


def _outcomes(context: Context, units: pa.Table, groups: _Groups, *, day: date, last: date) -> Iterator[pa.Table]:
    """What the units came to: folded as all are, with the group beside the stratum."""
    if not units.num_rows:
        return
    place = units.schema.get_field_index("stratum")
    group = pa.array(groups.of_unit).cast(pa.string())
    marked = pc.binary_join_element_wise(group, units["stratum"].combine_chunks(), "\n")
    bare = replace(context, personas=tuple(replace(each, guardrails=()) for each in context.personas))
    cells = folded(
        bare,
        day,
        last,
        units=units.set_column(place, units.schema.field(place), marked),
        events=EVENTS.read(context.store, day, last),
    )
    goal = cells.table.filter(pc.equal(cells.table["metric"], GOAL))
    both = pc.split_pattern(goal["stratum"].combine_chunks(), "\n", max_splits=1)
    at = goal.schema.get_field_index("stratum")
    yield _grouped(
        goal.set_column(at, goal.schema.field(at), pc.list_element(both, 1)),
        pc.list_element(both, 0).cast(pa.int64()),
    )


def _customers(context: Context, units: pa.Table, groups: _Groups, day: date) -> pa.Table:
    """How many of the units are their customers' first in the span of days that this one is in."""
    begins = day - timedelta(days=day.toordinal() % SPAN)
    before = filtered(
        UNITS.read(context.store, begins, day - timedelta(days=1)),
        pc.field("customer").isin(units["customer"].unique()),
        UNITS.schema,
        columns=[*_WHO],
    )
    now = _joined(units)
    came = np.asarray(pc.is_in(now, value_set=_joined(before)).to_numpy(zero_copy_only=False), dtype=bool)
    first = np.zeros(units.num_rows, dtype=bool)
    first[np.unique(np.asarray(now.to_numpy(zero_copy_only=False), dtype=object), return_index=True)[1]] = True
    none = {"n": pa.int64(), "s": pa.int64(), "sum": pa.float64(), "sum_sq": pa.float64()}
    zeros = {name: pa.array(np.zeros(units.num_rows), kind) for name, kind in none.items()}
    columns = {name: units[name] for name in _KEY} | zeros
    return _grouped(pa.table(columns), pa.array(groups.of_unit), customers=pa.array((first & ~came).astype(np.int64)))


_WHO = ("customer", "persona", "attribute")


def _joined(rows: pa.Table) -> pa.Array:
    return pc.binary_join_element_wise(*(rows[name].combine_chunks() for name in _WHO), "\n")


def _erased(context: Context, subjects: Sequence[Subject], groups: _Groups, day: date, last: date) -> pa.Table:
    """What customers who were erased counted for."""
    met = (pc.field("cohort") == day) & (pc.field("metric") == GOAL)
    cells = filtered(ERASED_CELLS.read(context.store, day, last), met, CELL_SCHEMA)
    mine = cells.filter(is_about(cells, subjects))
    return _grouped(mine, pa.array(np.full(mine.num_rows, len(groups.places) - 1)))


def _grouped(rows: pa.Table, group: pa.Array, *, customers: pa.Array | None = None) -> pa.Table:
    none = pa.array(np.zeros(rows.num_rows, dtype=np.int64))
    kept = {name: rows[name] for name in (*_KEY, *CELL_SUMS)}
    return pa.table(kept | {"customers": none if customers is None else customers, "group": group})


def _by(column: str, grouped: pa.Table, groups: _Groups, day: date) -> pa.Table:
    """The sums by the value of one column."""
    names = groups.names.get(column, ())
    at = [*groups.names].index(column) if column in groups.names else None
    of_group = groups.places[:, at] if at is not None else np.full(len(groups.places), UNKNOWN)
    place = pa.array(of_group).take(grouped["group"].combine_chunks())
    known = pc.and_(pc.greater_equal(place, 0), pc.less(place, len(names)))
    value = pa.array(names, pa.string()).take(pc.if_else(known, place, pa.scalar(None, pa.int64())))
    rows = grouped.drop_columns(["group"]).append_column("value", value)
    rows = rows.append_column("others", pc.equal(place, len(names)))
    key = [*_KEY, "value", "others"]
    summed = rows.group_by(key).aggregate([(name, "sum") for name in _SUMS]).rename_columns([*key, *_SUMS])
    many = summed.num_rows
    found = summed.append_column("column", pa.array([column] * many, pa.string()))
    found = found.append_column("day", pa.array([day] * many, pa.date32())).select(BREAKDOWN_SCHEMA.names)
    return found.sort_by([(name, "ascending") for name in BREAKDOWNS.key]).cast(BREAKDOWN_SCHEMA)
