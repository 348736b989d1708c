"""Files of lists in pieces, read as every file is: one piece at least, all with equal columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from living_personas.domain.raw import shown
from living_personas.engines.table_pieces import json_pieces, parquet_pieces
from living_personas.errors import IngestError
from living_personas.sources.frames import open_rows
from living_personas.sources.opened_rows import Rows
from living_personas.sources.rows import Row, Unreadable

__all__ = ["pieces_of"]


def pieces_of(path: Path) -> Iterator[pa.Table]:
    """The rows of a file, some at a time; JSON that is not a line a row is read at once.

    Raises
    ------
    IngestError
        If it is no file of rows, or a row of it cannot be read.
    """
    rows, kind = open_rows(path), path.suffix.lower()
    if kind == ".parquet":
        return parquet_pieces(path)
    if not rows.typed:
        return _texts(rows)
    return json_pieces(path) if kind in (".jsonl", ".ndjson") else _json(rows)


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
