"""Tables of pages as files for spreadsheets: nothing in them runs as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast, get_args

import pyarrow as pa
from starlette.responses import Response, StreamingResponse

from living_personas.domain.table_reader import Reader
from living_personas.engines.table_files import csv_text, csv_texts
from living_personas.errors import InvalidDecisionError

__all__ = ["csv_file", "csv_pieces", "reader_of"]


def csv_file(table: pa.Table, name: str, *, reader: Reader = "spreadsheet") -> Response:
    """A table, to be saved under a name, of which letters, digits and dashes are left."""
    return Response(csv_text([table], reader=reader), media_type=_CSV, headers=_saved_as(name))


def csv_pieces(pieces: Iterable[pa.Table], name: str, *, reader: Reader, folder: Path | None) -> Response:
    """The same of a table that comes in pieces, of which none is kept: they wait in a file of ``folder``, if any.

    Where nothing may be written, they wait in memory. The file has no name, and goes when it was sent.
    """
    file = _unnamed(folder)
    for text in csv_texts(pieces, reader=reader):
        file.write(text.encode())
    headers = _saved_as(name) | {"content-length": str(file.tell())}
    return StreamingResponse(_sent(file), media_type=_CSV, headers=headers)


def _unnamed(folder: Path | None) -> IO[bytes]:
    try:
        return TemporaryFile(dir=folder) if folder is not None and folder.is_dir() else BytesIO()
    except OSError:
        return BytesIO()


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


def _saved_as(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{re.sub("[^A-Za-z0-9-]+", "-", name)}.csv"'}


_CSV = "text/csv; charset=utf-8"
_BLOCK = 1 << 20


def reader_of(said: str) -> Reader:
    """What is to read a file, as a form says it.

    Raises
    ------
    InvalidDecisionError
        If nothing does.
    """
    if said not in get_args(Reader):
        raise InvalidDecisionError("Nothing reads such a file.", hint="choose a spreadsheet or a tool.")
    return cast("Reader", said)
