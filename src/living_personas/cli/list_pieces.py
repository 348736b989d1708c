"""Files of lists in pieces, read as every file is: one piece at least, all with equal columns."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.json as arrow_json
import pyarrow.parquet as pq

from living_personas.domain.raw import shown
from living_personas.errors import IngestError
from living_personas.sources.frames import open_rows
from living_personas.sources.opened_rows import Rows
from living_personas.sources.rows import Row, Unreadable

__all__ = ["pieces_of"]

BLOCK = 1 << 20
"""Bytes of JSON that are read at once."""

_ROWS = 50_000


def pieces_of(path: Path) -> Iterator[pa.Table]:
    """The rows of a file, some at a time; JSON that is not a line a row is read at once.

    Raises
    ------
    IngestError
        If it is no file of rows, or a row of it cannot be read.
    """
    rows, kind = open_rows(path), path.suffix.lower()
    if kind == ".parquet":
        return _parquet(path)
    if not rows.typed:
        return _texts(rows)
    return _json_lines(path) if kind in (".jsonl", ".ndjson") else _json(rows)


def _parquet(path: Path) -> Iterator[pa.Table]:
    file = pq.ParquetFile(path)
    yield file.schema_arrow.empty_table()
    for batch in file.iter_batches(batch_size=_ROWS):
        yield pa.Table.from_batches([batch])


def _texts(rows: Rows) -> Iterator[pa.Table]:
    """The rows of a CSV file, as they are: ids such as 007 must not become numbers, and neither must traits."""
    yield pa.table({name: pa.array([], pa.string()) for name in rows.columns})
    for block in rows.blocks():
        for unreadable in block.unreadable.values():
            _sound(unreadable, rows)
        yield pa.table({name: block.column(name).texts for name in rows.columns})


def _json(rows: Rows) -> Iterator[pa.Table]:
    yield pa.Table.from_pylist([_sound(row, rows) for _, chunk in rows for row in chunk])


def _sound(row: Row | Unreadable, rows: Rows) -> Row:
    """A row of a list, which is answered whole or not at all."""
    if isinstance(row, Unreadable):
        raise IngestError(
            f"The list cannot be read: {row.detail}, in {shown(row.raw.strip())}.",
            hint="mend this row, or leave it out.",
            where=rows.where,
        )
    return row


def _json_lines(path: Path) -> Iterator[pa.Table]:
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
