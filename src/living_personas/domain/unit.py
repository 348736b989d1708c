"""The assignment unit: one customer on one occasion, counted once, from its first exposure."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["LINKED_SCHEMA", "MEMBERSHIP_SCHEMA", "UNIT_SCHEMA"]

UNIT_SCHEMA = pa.schema(
    [
        pa.field("customer", pa.string(), nullable=False),
        pa.field("persona", pa.string(), nullable=False),
        pa.field("attribute", pa.string(), nullable=False),
        pa.field("epoch", pa.string(), nullable=False),
        pa.field("option", pa.string(), nullable=False),
        pa.field("cohort", pa.date32(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("stratum", pa.string(), nullable=False),
        pa.field("policy", pa.string(), nullable=False),
        pa.field("propensity", pa.float64()),
        pa.field("holdout", pa.bool_(), nullable=False),
    ]
)
"""One row a unit, keyed by (customer, attribute, epoch); ``customer`` is after links, ``time`` its first exposure."""

LINKED_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("since", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("until", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("customer", pa.string(), nullable=False),
        pa.field("row", pa.string(), nullable=False),
    ]
)
"""Whom an id was known as from ``since`` to before ``until``, and whose ``row`` of the customers table was its own."""

MEMBERSHIP_SCHEMA = pa.schema([("customer", pa.string()), ("persona", pa.string()), ("since", pa.date32())])
"""Since when each customer belongs to its persona."""
