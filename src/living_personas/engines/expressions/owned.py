"""Of the outcomes that goals count, how many count for a unit: the others teach nothing."""

from __future__ import annotations

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr import types as ir

from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.credit import credited, lasting, outcomes, owned_by
from living_personas.engines.expressions.links import linked
from living_personas.engines.expressions.metric_table import Counted

__all__ = ["OWNED_SCHEMA", "owned"]

OWNED_SCHEMA = pa.schema([("event", pa.string()), ("outcomes", pa.int64()), ("owned", pa.int64())])


def owned(
    first: ir.DateScalar,
    last: ir.DateScalar,
    *,
    units: ir.Table,
    events: ir.Table,
    links: ir.Table | None,
    metrics: ir.Table,
    epochs: ir.Table,
    counted: Counted,
    dialect: Dialect,
) -> ir.Table:
    """Columns of ``OWNED_SCHEMA``, by event, over the outcomes of the days ``first`` to ``last``.

    Parameters
    ----------
    metrics
        The goals of the personas; an outcome that a browser sent is one where a goal counts those.
    """
    recent = linked(
        outcomes(events.filter(events["day"].between(first, last)), counted=counted, dialect=dialect), links
    )
    forgeable = metrics.filter(metrics["browsers"])["event"]
    happened = recent.filter(~recent["browser"] | recent["event"].isin(forgeable)).mutate(number=ibis.row_number())
    pairs = credited(
        lasting(owned_by(units, links), epochs=epochs, dialect=dialect),
        happened,
        metrics,
        counted=counted,
        dialect=dialect,
    )
    mine = pairs.group_by("event").agg(owned=_["number"].nunique())
    told = recent.filter(~recent["browser"] | recent["event"].isin(forgeable)).group_by("event").agg(outcomes=_.count())
    joined = told.left_join(mine, "event")
    return joined.select("event", "outcomes", owned=joined["owned"].fill_null(0)).order_by("event")
