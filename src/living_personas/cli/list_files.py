"""Lists of customers, as tables: read and written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.json as arrow_json

from living_personas.cli.terminal import write
from living_personas.domain.table_reader import Reader
from living_personas.engines.table_files import csv_text, write_pieces
from living_personas.errors import IngestError, Location, did_you_mean
from living_personas.loop.relations import table_of

__all__ = ["read_list", "write_list"]


def read_list(path: Path) -> pa.Table:
    """The rows of a CSV, JSONL or Parquet file with a column ``customer``."""
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
    return table


def write_list(pieces: Iterable[pa.Table], out: Path | None, *, reader: Reader = "tools") -> None:
    """Write a list that comes in pieces as the kind of file that its name says; without a name, as CSV to stdout."""
    if out is None:
        write(csv_text(pieces, reader=reader))
    else:
        write_pieces(pieces, out, reader=reader)


def _read(path: Path) -> pa.Table:
    kind = path.suffix.lower()
    if kind == ".parquet":
        return table_of((str(path),))
    if kind in (".jsonl", ".ndjson"):
        return arrow_json.read_json(path)
    if kind == ".csv":
        # Ids such as 007 must not become numbers.
        return arrow_csv.read_csv(
            path, convert_options=arrow_csv.ConvertOptions(column_types={"customer": pa.string()})
        )
    where = Location(file=path.as_posix())
    raise IngestError(f"A list cannot be a {kind!r} file.", hint="make it .csv, .jsonl or .parquet.", where=where)
