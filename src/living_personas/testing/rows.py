"""Tables beside each other."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["reversed_rows", "same_rows"]


def reversed_rows(table: pa.Table) -> pa.Table:
    """The rows of a table, the last first."""
    return table.take(pa.array(range(table.num_rows - 1, -1, -1)))


def same_rows(found: pa.Table, wanted: pa.Table) -> None:
    """The same columns of the same types, and every number to the last bit."""
    assert found.column_names == wanted.column_names
    assert found.schema.types == wanted.schema.types
    for number, (one, other) in enumerate(zip(found.to_pylist(), wanted.to_pylist(), strict=True)):
        differ = {name: (one[name], other[name]) for name in one if repr(one[name]) != repr(other[name])}
        assert not differ, f"row {number}, {one}: {differ}"
