"""One number per customer and feature, from the events of the days before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from math import ceil

from ibis.expr import types as ir

from living_personas.domain.goal import DAY
from living_personas.domain.settings import Feature, denominator_of
from living_personas.domain.value import value
from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.event_columns import Part, rebuilt
from living_personas.engines.expressions.happened import Happened, selected
from living_personas.engines.expressions.links import linked
from living_personas.engines.sql.sql_text import select_sql, steady_sql
from living_personas.rules.aggregate import EVENT_KINDS, Aggregate, parse_aggregate
from living_personas.rules.sql import coerce_sql, node_sql
from living_personas.rules.tree import And, Column, Compare, Constant, Kind, Total

__all__ = ["features"]


def features(
    as_of: ir.DateScalar,
    *,
    events: ir.Table,
    links: ir.Table | None,
    features: Sequence[Feature],
    traits: Mapping[str, Kind],
    dialect: Dialect,
) -> ir.Table:
    """Columns ``customer``, the features (a rate after its ``<name>__of``) and the traits.

    Parameters
    ----------
    events
        ``EVENT_SCHEMA``; those of ``as_of`` and later are passed over.
    traits
        Properties of ``identify`` events, of which the last known value counts, with their kinds.
    """
    totals = [total for feature in features for total in _totals(feature)]
    asked = Happened.of([total.aggregate for total in totals], tuple(traits))
    before = asked.rows(linked(events.filter(events["day"] < as_of), links), as_of=as_of, dialect=dialect)
    summed = selected(before, dialect.spelled(_summed_sql(totals, asked, traits)), _schema(totals, traits))
    answers = {**_rates(summed, totals), **{name: summed[f"t{index}"] for index, name in enumerate(traits)}}
    return summed.select("customer", **answers)


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


def _summed_sql(totals: Sequence[_Total], asked: Happened, traits: Mapping[str, Kind]) -> str:
    """Three steps: every column in its type, every aggregate, every trait in its type."""
    last = [f"t{index}" for index in range(len(traits))]
    summed = [
        f"{node_sql(asked.placed(total.aggregate), dialect='duckdb')} AS f{index}" for index, total in enumerate(totals)
    ]
    lasting = [f"LAST({each} ORDER BY time, message_id) FILTER (WHERE {each} IS NOT NULL) AS {each}" for each in last]
    known = [f"{coerce_sql(each, kind)} AS {each}" for each, kind in zip(last, traits.values(), strict=True)]
    features = (f"{steady_sql(f'f{index}')} AS f{index}" for index in range(len(totals)))
    typed = asked.typed_sql("happened")
    sums = select_sql(["customer", *summed, *lasting], source=f"({typed}) AS typed", ending="GROUP BY customer")
    return select_sql(["customer", *features, *known], source=f"({sums}) AS summed")


def _schema(totals: Sequence[_Total], traits: Mapping[str, Kind]) -> dict[str, str]:
    numbers = {f"f{index}": "float64" for index in range(len(totals))}
    return {
        "customer": "string",
        **numbers,
        **{f"t{index}": _TYPES[kind] for index, kind in enumerate(traits.values())},
    }


_TYPES: dict[Kind, str] = {"number": "float64", "text": "string", "boolean": "boolean"}


def _rates(summed: ir.Table, totals: Sequence[_Total]) -> dict[str, ir.Value]:
    """Each feature by name; a rate is divided by its denominator, NULL where that is nothing."""
    found = {total.name: summed[f"f{index}"] for index, total in enumerate(totals)}
    return {
        name: number / found[of].nullif(0.0) if (of := denominator_of(name)) in found else number
        for name, number in found.items()
    }
