"""How large the values are that goals sum, before any cap: counted in classes of size, so that they add up."""

from __future__ import annotations

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr import types as ir

from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.credit import UNIT, credited, lasting, outcomes, owned_by, steps_of
from living_personas.engines.expressions.links import linked
from living_personas.engines.expressions.metric_table import Counted, amount
from living_personas.stats.value_caps import CLASSES

__all__ = ["AMOUNTS_SCHEMA", "customer_amounts", "unit_amounts"]

AMOUNTS_SCHEMA = pa.schema(
    [
        pa.field("persona", pa.string(), nullable=False),
        pa.field("day", pa.date32(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("n", pa.int64(), nullable=False),
    ]
)
"""How many positive sums of a goal's values there are in each class of size (``stats.value_caps``)."""


def unit_amounts(
    *,
    units: ir.Table,
    events: ir.Table,
    links: ir.Table | None,
    metrics: ir.Table,
    epochs: ir.Table,
    counted: Counted,
    dialect: Dialect,
) -> ir.Table:
    """What each unit came to, by persona and the ``day`` of its exposure (``AMOUNTS_SCHEMA``)."""
    known = lasting(owned_by(units, links), epochs=epochs, dialect=dialect)
    happened = linked(outcomes(events, counted=counted, dialect=dialect), links)
    rows = credited(known, happened, metrics, counted=counted, dialect=dialect)
    kept = {name: _[name].min() for name in ("persona", "cohort", "scale")}
    came = rows.group_by(*UNIT).agg(steps=_["steps"].sum(), **kept)
    return _in_classes(came.rename(day="cohort"))


def customer_amounts(
    days: ir.IntegerScalar,
    *,
    events: ir.Table,
    links: ir.Table | None,
    metrics: ir.Table,
    counted: Counted,
    dialect: Dialect,
) -> ir.Table:
    """What each customer brought in spans of so many ``days``, by the last ``day`` of the span (``AMOUNTS_SCHEMA``).

    It is of everybody, whatever they met, for each persona that counts such events: what is known before the first
    unit. Spans begin on days since 1970-01-01 that ``days`` divides.
    """
    happened = linked(outcomes(events, counted=counted, dialect=dialect), links)
    judged = happened.join(metrics, "event")
    counts = judged.filter(~judged["browser"] | judged["browsers"])
    since = counts["day"].delta(ibis.date("1970-01-01"), unit="day").cast("int64")
    spans = counts.mutate(steps=steps_of(counts, counted), span=(since / days).floor().cast("int64"))
    came = spans.group_by("persona", "customer", "span").agg(steps=_["steps"].sum(), scale=_["scale"].max())
    ends = dialect.days_after(ibis.date("1970-01-01"), (came["span"] * days + days - 1).cast("int32"))
    return _in_classes(came.mutate(day=ends))


def _in_classes(came: ir.Table) -> ir.Table:
    positive = came.filter(came["steps"] > 0)
    size = (amount(positive["steps"], positive["scale"]).log10() * CLASSES - 1e-9).ceil().cast("int64")
    counts = positive.mutate(size=size).group_by("persona", "day", "size").agg(n=_.count())
    return counts.select(*AMOUNTS_SCHEMA.names).order_by("persona", "day", "size")
