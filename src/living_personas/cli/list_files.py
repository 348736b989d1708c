"""Lists of customers, as tables: read and written in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pyarrow as pa

from living_personas.cli.list_pieces import pieces_of
from living_personas.cli.terminal import write
from living_personas.domain.table_reader import Reader
from living_personas.engines.table_files import csv_texts, write_pieces
from living_personas.errors import IngestError, Location, did_you_mean

__all__ = ["read_list", "write_list"]


def read_list(path: Path) -> Iterator[pa.Table]:
    """The rows of a CSV, JSON or Parquet file with a column ``customer``; values of CSV are texts, empty ones missing.

    The first piece is read at once.

    Raises
    ------
    IngestError
        If it cannot be read, a row of it cannot, or it has no such column.
    """
    where = Location(file=path.as_posix())
    pieces = _readable(path, where)
    first = next(pieces)
    if "customer" not in first.column_names:
        hint = did_you_mean("customer", first.column_names, kind="column")
        raise IngestError("The list has no column 'customer'.", hint=hint, where=where)
    return chain([first], pieces)


def write_list(pieces: Iterable[pa.Table], out: Path | None, *, reader: Reader = "tools") -> None:
    """Write a list that comes in pieces as the kind of file that its name says; without a name, as CSV to stdout."""
    if out is None:
        for text in csv_texts(pieces, reader=reader):
            write(text)
    else:
        write_pieces(pieces, out, reader=reader)


def _readable(path: Path, where: Location) -> Iterator[pa.Table]:
    """What Arrow says of a file that it cannot read, in our words."""
    try:
        yield from pieces_of(path)
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise IngestError(
            f"The list cannot be read: {error}.", hint="is it whole, and what its name says?", where=where
        ) from error
