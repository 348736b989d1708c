"""What a customer has done since it entered: since it first met a decision that counts."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["ENTRY_SCHEMA"]

ENTRY_SCHEMA = pa.schema(
    [
        pa.field("customer", pa.string(), nullable=False),
        pa.field("persona", pa.string(), nullable=False),
        pa.field("cohort", pa.date32(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("living", pa.bool_(), nullable=False),
        pa.field("static", pa.bool_(), nullable=False),
        pa.field("after", pa.int64(), nullable=False),
        pa.field("before", pa.int64(), nullable=False),
        pa.field("outcomes", pa.int64(), nullable=False),
        pa.field("visits", pa.int64(), nullable=False),
    ]
)
"""One row a customer, after links, with the persona, day (``cohort``) and moment of its first unit.

``living`` and ``static`` say whether any unit of it was outside, and inside of the holdout. ``after`` and ``before``
are the values of its goal's outcomes since then, and in the days before, in whole steps that the engine chose;
``outcomes`` how many came since, and ``visits`` on how many of the days before it did anything.
"""
