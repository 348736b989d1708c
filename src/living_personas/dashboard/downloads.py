"""Tables of pages as files for spreadsheets: nothing in them runs as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast, get_args

import pyarrow as pa
from starlette.responses import Response

from living_personas.domain.table_reader import Reader
from living_personas.engines.table_files import csv_text
from living_personas.errors import InvalidDecisionError

__all__ = ["csv_file", "reader_of"]


def csv_file(table: pa.Table | Iterable[pa.Table], name: str, *, reader: Reader = "spreadsheet") -> Response:
    """A table, whole or in pieces, to be saved under a name, of which letters, digits and dashes are left."""
    pieces = [table] if isinstance(table, pa.Table) else table
    said = {"content-disposition": f'attachment; filename="{re.sub("[^A-Za-z0-9-]+", "-", name)}.csv"'}
    return Response(csv_text(pieces, reader=reader), media_type="text/csv; charset=utf-8", headers=said)


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
