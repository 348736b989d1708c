"""Tables as files: CSV, JSON lines, Parquet; for other tools as they are, for spreadsheets defused."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from living_personas.domain.table_reader import Reader
from living_personas.errors import IngestError

__all__ = ["csv_text", "defused", "write_table"]

_FORMULA = r"^([\s\x00-\x20\x{a0}\x{200b}-\x{200f}\x{2060}\x{feff}]*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}|%]|[\t\r\n])"
"""What a spreadsheet may run as a formula: also behind blanks, newlines and characters that cannot be seen."""


def write_table(table: pa.Table, out: Path, *, reader: Reader = "tools") -> None:
    """Write a table as the kind of file that its name says: .csv, .jsonl or .parquet."""
    kind = out.suffix.lower()
    if kind == ".parquet":
        pq.write_table(table, out)
    elif kind == ".jsonl":
        lines = (json.dumps(row, ensure_ascii=False, default=_text) + "\n" for row in table.to_pylist())
        with out.open("w", encoding="utf-8") as file:
            file.writelines(lines)
    elif kind == ".csv":
        with out.open("wb") as sink:
            _write_csv(table, sink, reader)
    else:
        raise IngestError(f"A list cannot be written as {kind!r}.", hint="name it .csv, .jsonl or .parquet.")


def csv_text(table: pa.Table, *, reader: Reader = "tools") -> str:
    """A table as CSV; texts are in quotes, numbers are not."""
    sink = io.BytesIO()
    _write_csv(table, sink, reader)
    return sink.getvalue().decode()


def defused(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    r"""Texts that a spreadsheet shows instead of running: an apostrophe goes before what begins like a formula.

    >>> defused(pa.chunked_array([["=1+1", " \n@sum(A1)", "u1", None]])).to_pylist()
    ["'=1+1", "' \n@sum(A1)", 'u1', None]
    """
    runs = pc.match_substring_regex(texts, _FORMULA)
    return pc.if_else(runs, pc.binary_join_element_wise("'", texts, ""), texts)


def _write_csv(table: pa.Table, sink: IO[bytes], reader: Reader) -> None:
    defuse: Callable[[pa.ChunkedArray], pa.ChunkedArray] = defused if reader == "spreadsheet" else lambda texts: texts
    names = defuse(pa.chunked_array([table.column_names], pa.string())).to_pylist()
    columns = [_plain(column, defuse) for column in table.columns]
    arrow_csv.write_csv(pa.table(columns, names=names), sink, arrow_csv.WriteOptions(quoting_style="needed"))


def _plain(column: pa.ChunkedArray, defuse: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.ChunkedArray:
    """A column as CSV has it: moments as ISO texts, each written once."""
    if pa.types.is_timestamp(column.type):
        moments = column.combine_chunks().dictionary_encode()
        texts = pa.array(map(_text, moments.dictionary.to_pylist()), pa.string())
        return pa.chunked_array([texts.take(moments.indices)])
    return defuse(column) if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else column


def _text(item: object) -> str:
    return item.isoformat() if isinstance(item, date | datetime) else str(item)
