"""Files of tables in pieces: a column has the type that it would have if the whole file were read at once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.json as arrow_json
import pyarrow.parquet as pq

__all__ = ["json_pieces", "parquet_pieces"]

BLOCK = 1 << 20
"""Bytes of JSON that are read at once."""

_ROWS = 50_000


def parquet_pieces(path: Path) -> Iterator[pa.Table]:
    """The row groups of a Parquet file, some rows at a time."""
    file = pq.ParquetFile(path)
    yield file.schema_arrow.empty_table()
    for batch in file.iter_batches(batch_size=_ROWS):
        yield pa.Table.from_batches([batch])


def json_pieces(path: Path) -> Iterator[pa.Table]:
    """The lines of a JSONL file, some at a time: read twice, as fields and their types are known at the end only."""
    schema = pa.schema([])
    for lines in _lines(path):
        schema = _both(schema, arrow_json.read_json(lines).schema)
    if not schema.names:
        arrow_json.read_json(path)  # it says what is wrong with a file that has no line
    options = arrow_json.ParseOptions(explicit_schema=schema)
    for lines in _lines(path):
        yield arrow_json.read_json(lines, parse_options=options).select(schema.names)


def _lines(path: Path) -> Iterator[io.BytesIO]:
    with path.open("rb") as file:
        while lines := file.readlines(BLOCK):
            if any(line.strip() for line in lines):
                yield io.BytesIO(b"".join(lines))


def _both(one: pa.Schema, other: pa.Schema) -> pa.Schema:
    """The fields of two schemas, each as the type that holds the values of both."""
    texts = [_text_beside(one, field) for field in other]
    return pa.unify_schemas([_retyped(one, other), pa.schema(texts)], promote_options="permissive")


def _retyped(one: pa.Schema, other: pa.Schema) -> pa.Schema:
    return pa.schema([_text_beside(other, field) for field in one])


def _text_beside(other: pa.Schema, field: pa.Field) -> pa.Field:
    """A time beside texts is one of them."""
    beside = other.field(field.name).type if field.name in other.names else field.type
    both = pa.types.is_timestamp(field.type) and pa.types.is_string(beside)
    return field.with_type(pa.string()) if both else field
