"""One number per customer and feature, from the events of the days before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from math import ceil

import ibis
from ibis.expr import operations
from ibis.expr import types as ir

from living_personas.domain.event import IDENTIFY
from living_personas.domain.goal import DAY
from living_personas.domain.settings import Feature, denominator_of
from living_personas.domain.value import value
from living_personas.engines.carriers import carriers
from living_personas.engines.columns import Asked, Part, placed, places, rebuilt
from living_personas.engines.links import linked
from living_personas.engines.sql_text import select_sql
from living_personas.rules.aggregate import EVENT_KINDS, Aggregate, parse_aggregate
from living_personas.rules.sql import coerce_sql, node_sql
from living_personas.rules.tree import And, Column, Compare, Constant, Kind, Total

__all__ = ["Text", "features"]

Text = Callable[[ir.Table, str], ir.StringValue]
"""How an engine reads a property of events as text: NULL where it is missing."""


def features(
    as_of: ir.DateScalar,
    *,
    events: ir.Table,
    links: ir.Table | None,
    features: Sequence[Feature],
    traits: Mapping[str, Kind],
    text: Text,
) -> ir.Table:
    """Columns ``customer`` (in order), the features (a rate after its ``<name>__of``) and the traits.

    Parameters
    ----------
    events
        ``EVENT_SCHEMA``; those of ``as_of`` and later are passed over.
    traits
        Properties of ``identify`` events, of which the last known value counts, with their kinds.
    """
    totals = [total for feature in features for total in _totals(feature)]
    names = places(total.aggregate.columns for total in totals)
    only = carriers(total.aggregate for total in totals)
    before = linked(events.filter(events["day"] < as_of), links)
    happened = before.select(
        "customer",
        "time",
        "message_id",
        **{place: _asked(before, column[0], as_of, text, only.get(column)) for column, place in names.items()},
        **{f"t{index}": _identified(before, name, text) for index, name in enumerate(traits)},
    )
    summed = _selected(happened.alias("happened"), _summed_sql(totals, names, traits), _schema(totals, traits))
    answers = {**_rates(summed, totals), **{name: summed[f"t{index}"] for index, name in enumerate(traits)}}
    return summed.select("customer", **answers).order_by("customer")


@value
class _Total:
    """What one aggregate of a feature is called, and what it computes."""

    name: str
    aggregate: Aggregate


def _totals(feature: Feature) -> list[_Total]:
    """The aggregates of a feature: one, or for a rate the denominator, too."""
    texts = {feature.name: feature.sql} | ({} if feature.of is None else {denominator_of(feature.name): feature.of})
    return [_Total(name=name, aggregate=_recent(parse_aggregate(text), feature.within)) for name, text in texts.items()]


def _recent(aggregate: Aggregate, within: timedelta | None) -> Aggregate:
    """The aggregate over the last days only. Each total is limited, not the rows: a count of no rows is 0, not NULL."""
    if within is None:
        return aggregate
    days = Constant(value=float(ceil(within / DAY)))
    recent = Compare(op="<=", left=Column(name="age_days"), right=days)
    columns = dict.fromkeys((*aggregate.columns, ("age_days", EVENT_KINDS["age_days"])))
    return replace(aggregate, tree=_limited(aggregate.tree, recent), columns=tuple(columns))


def _limited(part: Part, recent: Compare) -> Part:
    """The tree with a further condition on each of its totals."""
    if isinstance(part, Total):
        where = recent if part.where is None else And(parts=(recent, part.where))
        return replace(part, where=where)
    return rebuilt(part, lambda below: _limited(below, recent))


def _asked(events: ir.Table, name: str, as_of: ir.DateScalar, text: Text, carriers: tuple[str, ...] | None) -> ir.Value:
    """A column that an aggregate asks for: of every event, or a property as its text.

    Opening the JSON of every event is most of the work: where ``carriers`` are known, only theirs is opened.
    """
    match name:
        case "name" | "channel":
            return events[name]
        case "time":
            return events["time"].strftime("%Y-%m-%d %H:%M:%S.%f")
        case "day":
            return events["day"].cast("string")
        case "hour":
            return events["hour"].cast("float64")
        case "age_days":
            return as_of.delta(events["day"], unit="day").cast("float64")
    found = text(events, name)
    return found if carriers is None else events["name"].isin(carriers).ifelse(found, ibis.null("string"))


def _identified(events: ir.Table, name: str, text: Text) -> ir.Value:
    """A property where the event says who the customer is."""
    return (events["name"] == IDENTIFY).ifelse(text(events, name), ibis.null("string"))


def _summed_sql(totals: Sequence[_Total], names: Mapping[Asked, str], traits: Mapping[str, Kind]) -> str:
    """Three steps: every column in its type, every aggregate, every trait in its type."""
    last = [f"t{index}" for index in range(len(traits))]
    typed = [
        f"{place if name in EVENT_KINDS else coerce_sql(place, kind)} AS {place}"
        for (name, kind), place in names.items()
    ]
    summed = [
        f"{node_sql(placed(total.aggregate.tree, total.aggregate.columns, names), dialect='duckdb')} AS f{index}"
        for index, total in enumerate(totals)
    ]
    lasting = [f"LAST({each} ORDER BY time, message_id) FILTER (WHERE {each} IS NOT NULL) AS {each}" for each in last]
    known = [f"{coerce_sql(each, kind)} AS {each}" for each, kind in zip(last, traits.values(), strict=True)]
    features = (f"f{index}" for index in range(len(totals)))
    rows = select_sql(["customer", "time", "message_id", *typed, *last], source="happened")
    sums = select_sql(["customer", *summed, *lasting], source=f"({rows}) AS typed", ending="GROUP BY customer")
    return select_sql(["customer", *features, *known], source=f"({sums}) AS summed")


def _schema(totals: Sequence[_Total], traits: Mapping[str, Kind]) -> dict[str, str]:
    numbers = {f"f{index}": "float64" for index in range(len(totals))}
    return {
        "customer": "string",
        **numbers,
        **{f"t{index}": _TYPES[kind] for index, kind in enumerate(traits.values())},
    }


_TYPES: dict[Kind, str] = {"number": "float64", "text": "string", "boolean": "boolean"}


def _selected(rows: ir.Table, query: str, schema: Mapping[str, str]) -> ir.Table:
    """``Table.sql`` with the schema that is known, which Ibis 12 cannot ask of DuckDB 2."""
    return operations.SQLStringView(parent=rows.op(), query=query, schema=ibis.schema(schema)).to_expr()


def _rates(summed: ir.Table, totals: Sequence[_Total]) -> dict[str, ir.Value]:
    """Each feature by name; a rate is divided by its denominator, NULL where that is nothing."""
    found = {total.name: summed[f"f{index}"] for index, total in enumerate(totals)}
    return {
        name: number / found[of].nullif(0.0) if (of := denominator_of(name)) in found else number
        for name, number in found.items()
    }
