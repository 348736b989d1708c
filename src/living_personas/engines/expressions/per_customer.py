"""What a customer's units came to, summed over customers: to compare groups of them."""

from __future__ import annotations

import pyarrow as pa
from ibis import _
from ibis.expr import types as ir

from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.credit import UNIT, credited, lasting, outcomes, owned_by
from living_personas.engines.expressions.links import linked
from living_personas.engines.expressions.metric_table import Counted, amount, amount_squared, capped, squared

__all__ = ["PER_CUSTOMER_SCHEMA", "per_customer"]

PER_CUSTOMER_SCHEMA = pa.schema(
    [
        pa.field("persona", pa.string(), nullable=False),
        pa.field("attribute", pa.string(), nullable=False),
        pa.field("customers", pa.int64(), nullable=False),
        pa.field("units", pa.int64(), nullable=False),
        pa.field("outcomes", pa.float64(), nullable=False),
        pa.field("units_sq", pa.int64(), nullable=False),
        pa.field("outcomes_sq", pa.float64(), nullable=False),
        pa.field("units_outcomes", pa.float64(), nullable=False),
    ]
)


def per_customer(
    *,
    units: ir.Table,
    events: ir.Table,
    links: ir.Table | None,
    metrics: ir.Table,
    epochs: ir.Table,
    counted: Counted,
    dialect: Dialect,
) -> ir.Table:
    """Columns of ``PER_CUSTOMER_SCHEMA``, by persona and attribute.

    Parameters
    ----------
    metrics
        The goals of the personas; units of other personas are passed over.
    """
    known = lasting(owned_by(units, links), epochs=epochs, dialect=dialect)
    happened = linked(outcomes(events, counted=counted, dialect=dialect), links)
    came = _came_to(credited(known, happened, metrics, counted=counted, dialect=dialect))
    goals = known.join(metrics.select("persona", "scale"), "persona")
    held = goals.group_by(*_CUSTOMER).agg(units=_.count(), scale=_["scale"].max())
    each = held.left_join(came, _CUSTOMER).select(*_CUSTOMER, "units", "scale", steps=_["steps"].fill_null(0))
    sums = each.group_by(*_CUSTOMER[1:]).agg(
        customers=_.count(),
        units_sq=(_["units"] * _["units"]).sum(),
        outcomes_sq=squared(_["steps"]).sum(),
        units_outcomes=(_["units"] * _["steps"]).sum(),
        units=_["units"].sum(),
        outcomes=_["steps"].sum(),
        scale=_["scale"].max(),
    )
    numbers = sums.mutate(
        outcomes=amount(sums["outcomes"], sums["scale"]),
        units_outcomes=amount(sums["units_outcomes"], sums["scale"]),
        outcomes_sq=amount_squared(sums["outcomes_sq"], sums["scale"]),
    )
    return numbers.select(*PER_CUSTOMER_SCHEMA.names).order_by(*_CUSTOMER[1:])


_CUSTOMER = ("customer", "persona", "attribute")


def _came_to(credit_rows: ir.Table) -> ir.Table:
    """What the units of each customer came to, each of them capped."""
    kept = [name for name in (*_CUSTOMER, "cap") if name not in UNIT]
    units = credit_rows.group_by(*UNIT).agg(steps=_["steps"].sum(), **{name: _[name].min() for name in kept})
    return units.group_by(*_CUSTOMER).agg(steps=capped(units["steps"], units["cap"]).sum())
