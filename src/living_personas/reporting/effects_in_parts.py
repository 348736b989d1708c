"""The effect of each attribute in parts, by what was known of customers before: to explore, and said to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.domain.cell import CELL_SUMS, GOAL, Cells
from living_personas.domain.persona import Attribute
from living_personas.domain.report import AttributeReport, PartReport, PartsReport, Report
from living_personas.errors import UnknownNameError, check_name
from living_personas.loop.context import Context
from living_personas.loop.splits.breakdowns import counted_parts
from living_personas.loop.splits.part_sums import SPAN
from living_personas.loop.splits.part_values import asked_columns
from living_personas.memory.split_records import BANDS
from living_personas.reporting.beside_goal import AskedPair
from living_personas.reporting.crowd import enough
from living_personas.reporting.reading import Reading, stamp_of

__all__ = ["MOST_PARTS", "effects_in_parts", "with_parts"]

MOST_PARTS = 12
"""Values that are told each by itself, the commonest of them; all others are one part."""

_OTHERS, _UNKNOWN = "all other values", "not known"


def with_parts(context: Context, report: Report, *, column: str) -> Report:
    """The report with each persona's effects in the parts of one column of `breakdowns`.

    Raises
    ------
    UnknownNameError
        If the workspace looks at effects by no such column.
    """
    known = asked_columns(context)
    if not known:
        raise UnknownNameError(
            "Effects are looked at by no column yet.",
            hint=f"write `breakdowns: [{column}]` into workspace.yaml; `personas run` counts by it.",
        )
    check_name("column of `breakdowns`", column, known)
    reading = Reading(context, stamp_of(context))
    personas = (
        replace(each, breakdowns=effects_in_parts(context, reading, each.persona, columns=[column]))
        for each in report.personas
    )
    return replace(report, personas=tuple(personas))


def effects_in_parts(
    context: Context, reading: Reading, persona: str, *, columns: Sequence[str] | None = None
) -> tuple[PartsReport, ...]:
    """Every attribute of a persona by every column of `breakdowns`, or by some of them.

    The effect of a part is found as that of all occasions is, from the part's own sums. Values of fewer customers than
    a crowd are told together, and not at all where they are no crowd together.
    """
    asked = [*asked_columns(context)] if columns is None else columns
    reports, closed = reading.persona(persona).attributes, reading.stamp.closed
    if not asked or not reports or closed is None:
        return ()
    counted = counted_parts(context, persona, since=min(each.since for each in reports))
    bands = {name: found.names for name, found in (BANDS.read(context.store) or {}).items()}
    found = []
    for report in reports:
        about = Subject(persona=persona, attribute=report.attribute, channel=report.channel)
        since, rows = counted.get(report.attribute, (None, None))
        begins = None if since is None else max(since, report.since)
        mine = None if rows is None else _of_question(rows, report)
        pair = AskedPair(context, reading, about, cells=_cells(mine), closed=closed)
        attribute = reading.versions[persona].persona.attribute(report.attribute)
        compared = _named(mine, attribute, (report.contender, report.believed))
        of = _Of(pair, mine, compared)
        found += [_by_column(of, name, begins=begins, bands=bands.get(name, ())) for name in asked]
    return tuple(found)


class _Of(NamedTuple):
    """What is told apart: two options, the rows of all, and every name that the two were counted by."""

    pair: AskedPair
    rows: pa.Table | None
    compared: pa.Array


class _Part(NamedTuple):
    """The rows of a part, and how many customers of the two options it has at least."""

    name: str
    rows: pa.Table
    customers: int


def _named(rows: pa.Table | None, attribute: Attribute, options: Collection[str]) -> pa.Array:
    """The names, of now and of before, by which some options were counted."""
    there = [] if rows is None else rows["option"].unique().to_pylist()
    return pa.array([name for name in there if attribute.called(name) in options], pa.string())


def _by_column(of: _Of, column: str, *, begins: date | None, bands: Sequence[str]) -> PartsReport:
    mine = [] if of.rows is None else _parts(of.rows.filter(pc.equal(of.rows["column"], column)), of.compared)
    shown = [each for each in mine if enough(each.customers)]
    shown.sort(key=lambda each: _rank(each, bands))
    return PartsReport(
        **of.pair.names,
        column=column,
        percent=of.pair.percent,
        since=begins,
        parts=tuple(_told(of.pair, each) for each in shown),
        hidden=len(mine) - len(shown),
    )


def _told(pair: AskedPair, part: _Part) -> PartReport:
    found = pair.found(pair.complete(_cells(part.rows)), is_value=not pair.percent)
    return PartReport(name=part.name, **found, customers=part.customers)


def _parts(rows: pa.Table, compared: pa.Array) -> list[_Part]:
    """The values, the commonest first; those that are no crowd, or beyond the first twelve, are one part."""
    if not rows.num_rows:
        return []
    summed = rows.group_by(["value", "others"]).aggregate([("n", "sum")]).sort_by([("n_sum", "descending")])
    named: list[_Part] = []
    rest: list[pa.Table] = []
    unknown: list[_Part] = []
    for row in summed.to_pylist():
        same = pc.is_null(rows["value"]) if row["value"] is None else pc.equal(rows["value"], row["value"])
        held = rows.filter(pc.and_(pc.fill_null(same, fill_value=False), pc.equal(rows["others"], row["others"])))
        part = _Part(row["value"] or _UNKNOWN, held, _customers(held, compared))
        if row["value"] is None and not row["others"]:
            unknown.append(part)
        elif row["others"] or len(named) >= MOST_PARTS or not enough(part.customers):
            rest.append(held)
        else:
            named.append(part)
    others = [_Part(_OTHERS, held, _customers(held, compared)) for held in ([pa.concat_tables(rest)] if rest else [])]
    return [*named, *others, *unknown]


def _customers(rows: pa.Table, compared: pa.Array) -> int:
    """How many customers came to some options within one span of days, in that with the most."""
    spans: defaultdict[int, int] = defaultdict(int)
    mine = rows.filter(pc.is_in(rows["option"], value_set=compared))
    for row in mine.group_by("day").aggregate([("customers", "sum")]).to_pylist():
        spans[row["day"].toordinal() // SPAN] += row["customers_sum"]
    return max(spans.values(), default=0)


def _rank(part: _Part, bands: Sequence[str]) -> tuple[bool, bool, int]:
    """Bands in their order, values by how common they are, then what has no name of its own."""
    place = bands.index(part.name) if part.name in bands else -int(pc.sum(part.rows["n"]).as_py())
    return part.name == _UNKNOWN, part.name == _OTHERS, place


def _of_question(rows: pa.Table, report: AttributeReport) -> pa.Table:
    """The rows that are about what is asked now."""
    mine = rows.filter(pc.greater_equal(rows["day"], pa.scalar(report.since)))
    return mine.filter(pc.equal(mine["channel"], report.channel)) if report.channel else mine


def _cells(rows: pa.Table | None) -> Cells:
    """The sums as cells: all that became known of a day's units, as of that day."""
    if rows is None:
        return Cells.none()
    names = ("persona", "attribute", "option", "channel", "stratum", "policy", *CELL_SUMS)
    columns = {name: rows[name] for name in names}
    goal = pa.array(np.full(rows.num_rows, GOAL, dtype=object), pa.string())
    return Cells.of(pa.table(columns | {"outcome_day": rows["day"], "cohort": rows["day"], "metric": goal}))
