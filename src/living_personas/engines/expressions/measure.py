"""What describes a persona's members, in sums."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr import types as ir

from living_personas.engines.expressions.metric_table import amount, amount_squared, squared

__all__ = ["MEASURE_SCHEMA", "measure"]

MEASURE_SCHEMA = pa.schema(
    [
        pa.field("persona", pa.string(), nullable=False),
        pa.field("trait", pa.string(), nullable=False),
        pa.field("n", pa.int64(), nullable=False),
        pa.field("sum", pa.float64(), nullable=False),
        pa.field("sum_sq", pa.float64(), nullable=False),
    ]
)


def measure(customers: ir.Table, *, members: ir.Table, traits: Sequence[str]) -> ir.Table:
    """Rows ``persona, trait, n, sum, sum_sq`` over the members of whom a trait is known, by persona and trait.

    A trait is the feature of its name; a rate has been divided per customer already, so each member counts once.
    """
    belongs = members.select("customer", "persona")
    sums = [_sums(customers.select("customer", number=customers[name]), belongs, name) for name in traits]
    return ibis.union(*sums).order_by("persona", "trait")


def _sums(numbers: ir.Table, belongs: ir.Table, trait: str) -> ir.Table:
    finite = numbers.filter(_["number"].notnull(), ~_["number"].isnan(), ~_["number"].isinf())
    together = finite.join(belongs, "customer")
    scaled = together.mutate(scale=_scale(together["number"].abs().max().over(ibis.window(group_by="persona"))))
    steps = (scaled["number"] * scaled["scale"]).round()
    exact = scaled.mutate(steps=steps.cast("decimal(38, 0)"), steps_sq=squared(steps))
    sums = exact.group_by("persona").agg(
        n=_.count(), steps=_["steps"].sum(), steps_sq=_["steps_sq"].sum(), scale=_["scale"].max()
    )
    known = sums.mutate(sum=amount(_["steps"], _["scale"]), sum_sq=amount_squared(_["steps_sq"], _["scale"]))
    return known.select("persona", "n", "sum", "sum_sq", trait=ibis.literal(trait)).select(*MEASURE_SCHEMA.names)


def _scale(largest: ir.FloatingValue) -> ir.FloatingValue:
    """How many steps make 1: a power of two, so that the largest number is of 51 or 52 binary places.

    Sums of steps are exact, whatever the order of rows. What lies within 1e-9 above a power of two may be of 53 places.
    """
    places = (ibis.greatest(largest, _LEAST).log2() - 1e-9).ceil()
    return ibis.literal(2.0, "float64").pow(52.0 - places)


_LEAST = 2.0**-200
"""Numbers below it are nothing: their steps would not fit a double."""
