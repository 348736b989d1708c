"""Tables of pages as files for spreadsheets: nothing in them runs as a formula."""

from __future__ import annotations

import pyarrow as pa
from starlette.responses import Response

from living_personas.engines.table_files import csv_text

__all__ = ["csv_file"]


def csv_file(table: pa.Table, name: str) -> Response:
    """A table to be saved under a name of letters, digits, dots and dashes."""
    said = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(csv_text(table, reader="spreadsheet"), media_type="text/csv; charset=utf-8", headers=said)
