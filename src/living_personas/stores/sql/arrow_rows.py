"""Arrow tables as rows of the database and back: moments and days are whole numbers there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from living_personas.stores.sql.database import Row

__all__ = ["arrow_table", "plain_rows"]


def plain_rows(table: pa.Table) -> Iterable[tuple[object, ...]]:
    """The rows of a table, moments and days as whole numbers."""
    return zip(*(_plain(column).to_pylist() for column in table.columns), strict=True)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64())
    return column.cast(pa.int32()) if pa.types.is_date32(column.type) else column


def arrow_table(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows as the database keeps them (moments and days as whole numbers), in the types of a schema."""
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.table(
        [_column(list(column), field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _column(stored: list[object], type_: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(type_):
        return pa.array(stored, pa.int64()).cast(type_)
    if pa.types.is_date32(type_):
        return pa.array(stored, pa.int32()).cast(type_)
    return pa.array(map(bool, stored), type_) if pa.types.is_boolean(type_) else pa.array(stored, type_)
