"""Lists of customers, as tables: read and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.json as arrow_json

from living_personas.cli.terminal import write
from living_personas.domain.raw import shown
from living_personas.domain.table_reader import Reader
from living_personas.engines.table_files import csv_text, write_pieces
from living_personas.errors import IngestError, Location, did_you_mean
from living_personas.loop.relations import table_of
from living_personas.sources.frames import open_rows
from living_personas.sources.opened_rows import Rows
from living_personas.sources.rows import Row, Unreadable

__all__ = ["read_list", "write_list"]


def read_list(path: Path) -> Iterator[pa.Table]:
    """The rows of a CSV, JSON or Parquet file with a column ``customer``; values of CSV are texts, empty ones missing.

    Raises
    ------
    IngestError
        If it cannot be read, a row of it cannot, or it has no such column.
    """
    where = Location(file=path.as_posix())
    try:
        table = _read(path)
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise IngestError(
            f"The list cannot be read: {error}.", hint="is it whole, and what its name says?", where=where
        ) from error
    if "customer" not in table.column_names:
        hint = did_you_mean("customer", table.column_names, kind="column")
        raise IngestError("The list has no column 'customer'.", hint=hint, where=where)
    yield table


def write_list(pieces: Iterable[pa.Table], out: Path | None, *, reader: Reader = "tools") -> None:
    """Write a list that comes in pieces as the kind of file that its name says; without a name, as CSV to stdout."""
    if out is None:
        write(csv_text(pieces, reader=reader))
    else:
        write_pieces(pieces, out, reader=reader)


def _read(path: Path) -> pa.Table:
    rows = open_rows(path)
    if path.suffix.lower() == ".parquet":
        return table_of((str(path),))
    if not rows.typed:
        return _texts(rows)
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return arrow_json.read_json(path)
    return pa.Table.from_pylist([_sound(row, rows) for _, chunk in rows for row in chunk])


def _texts(rows: Rows) -> pa.Table:
    """The rows of a CSV file, as they are: ids such as 007 must not become numbers, and neither must traits."""
    tables = []
    for block in rows.blocks():
        for unreadable in block.unreadable.values():
            _sound(unreadable, rows)
        tables.append(pa.table({name: block.column(name).texts for name in rows.columns}))
    return pa.concat_tables(tables) if tables else pa.table({name: pa.array([], pa.string()) for name in rows.columns})


def _sound(row: Row | Unreadable, rows: Rows) -> Row:
    """A row of a list, which is answered whole or not at all."""
    if isinstance(row, Unreadable):
        raise IngestError(
            f"The list cannot be read: {row.detail}, in {shown(row.raw.strip())}.",
            hint="mend this row, or leave it out.",
            where=rows.where,
        )
    return row
