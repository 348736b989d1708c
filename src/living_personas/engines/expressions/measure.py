"""What describes a persona's members, in sums."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr import types as ir

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
    sums = together.group_by("persona").agg(
        n=_.count(), sum=_["number"].sum(), sum_sq=(_["number"] * _["number"]).sum()
    )
    return sums.select("persona", "n", "sum", "sum_sq", trait=ibis.literal(trait)).select(*MEASURE_SCHEMA.names)
