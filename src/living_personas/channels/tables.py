"""Tables as files: CSV that no spreadsheet runs, JSON lines, Parquet."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.errors import IngestError

__all__ = ["csv_text", "defused", "write_table"]

_FORMULA = re.compile(r"[\s\x00-\x20\u00a0\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|[\t\r\n]")
"""What a spreadsheet may run as a formula: also behind blanks, newlines and characters that cannot be seen."""


def write_table(table: pa.Table, out: Path) -> None:
    """Write a table as the kind of file that its name says: .csv, .jsonl or .parquet."""
    kind = out.suffix.lower()
    if kind == ".parquet":
        pq.write_table(table, out)
    elif kind == ".jsonl":
        lines = (json.dumps(row, ensure_ascii=False, default=_text) + "\n" for row in table.to_pylist())
        with out.open("w", encoding="utf-8") as file:
            file.writelines(lines)
    elif kind == ".csv":
        out.write_text(csv_text(table), encoding="utf-8", newline="")
    else:
        raise IngestError(f"A list cannot be written as {kind!r}.", hint="name it .csv, .jsonl or .parquet.")


def csv_text(table: pa.Table) -> str:
    """A table as CSV whose texts are defused; texts are in quotes, numbers and times are not."""
    columns = [map(_cell, column.to_pylist()) for column in table.columns]
    rows = [map(_cell, table.column_names), *zip(*columns, strict=True)]
    return "".join(",".join(row) + "\n" for row in rows)


def defused(text: str) -> str:
    r"""A text that a spreadsheet shows instead of running: an apostrophe goes before what begins like a formula.

    >>> defused("=1+1"), defused(" \n@sum(A1)"), defused("u1")
    ("'=1+1", "' \n@sum(A1)", 'u1')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _cell(item: object) -> str:
    """A cell; texts are in quotes, so that no comma, quote or newline in them ends it."""
    if isinstance(item, str):
        return '"' + defused(item).replace('"', '""') + '"'
    if isinstance(item, bool):
        return "true" if item else "false"
    return "" if item is None else _text(item)


def _text(item: object) -> str:
    return item.isoformat() if isinstance(item, date | datetime) else str(item)
