"""Tables as files: CSV, JSON lines, Parquet; for other tools as they are, for spreadsheets defused."""

from __future__ import annotations

import io
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from living_personas.domain.table_reader import Reader
from living_personas.errors import IngestError
from living_personas.whole_file import whole_file

__all__ = ["csv_text", "csv_texts", "defused", "write_pieces", "write_table"]

_FORMULA = r"^([\s\x00-\x20\x{a0}\x{200b}-\x{200f}\x{2060}\x{feff}]*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}|%]|[\t\r\n])"
"""What a spreadsheet may run as a formula: also behind blanks, newlines and characters that cannot be seen."""


def write_table(table: pa.Table, out: Path, *, reader: Reader = "tools") -> None:
    """Write a table as the kind of file that its name says: .csv, .jsonl or .parquet."""
    write_pieces([table], out, reader=reader)


def write_pieces(pieces: Iterable[pa.Table], out: Path, *, reader: Reader) -> None:
    """Write a table that comes in pieces, at least one, and of which none is kept; whole or not at all."""
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise IngestError(f"A list cannot be written as {out.suffix!r}.", hint="name it .csv, .jsonl or .parquet.")
    with whole_file(out) as new:
        write(pieces, new, reader)


def _write_parquet(pieces: Iterable[pa.Table], out: Path, _: Reader) -> None:
    first, rest = _first_of(pieces)
    with pq.ParquetWriter(out, first.schema) as file:
        for piece in chain([first], rest):
            file.write_table(piece)


def _write_lines(pieces: Iterable[pa.Table], out: Path, _: Reader) -> None:
    with out.open("w", encoding="utf-8") as lines:
        for piece in pieces:
            lines.writelines(json.dumps(row, ensure_ascii=False, default=_text) + "\n" for row in piece.to_pylist())


def _write_csv(pieces: Iterable[pa.Table], out: Path, reader: Reader) -> None:
    with out.open("wb") as sink:
        deque(_writing_csv(pieces, sink, reader), maxlen=0)


_WRITERS = {".parquet": _write_parquet, ".jsonl": _write_lines, ".csv": _write_csv}


def csv_text(pieces: Iterable[pa.Table], *, reader: Reader = "tools") -> str:
    """A table that comes in pieces, at least one, as CSV; texts are in quotes, numbers are not."""
    return "".join(csv_texts(pieces, reader=reader))


def csv_texts(pieces: Iterable[pa.Table], *, reader: Reader) -> Iterator[str]:
    """The same piece by piece: the header, and the lines of each."""
    sink = io.BytesIO()
    for _ in _writing_csv(pieces, sink, reader):
        yield sink.getvalue().decode()
        sink.seek(0)
        sink.truncate()


def defused(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    r"""Texts that a spreadsheet shows instead of running: an apostrophe goes before what begins like a formula.

    >>> defused(pa.chunked_array([["=1+1", " \n@sum(A1)", "u1", None]])).to_pylist()
    ["'=1+1", "' \n@sum(A1)", 'u1', None]
    """
    runs = pc.match_substring_regex(texts, _FORMULA)
    return pc.if_else(runs, pc.binary_join_element_wise("'", texts, ""), texts)


def _first_of(pieces: Iterable[pa.Table]) -> tuple[pa.Table, Iterator[pa.Table]]:
    rest = iter(pieces)
    return next(rest), rest


def _writing_csv(pieces: Iterable[pa.Table], sink: IO[bytes], reader: Reader) -> Iterator[None]:
    """Writes the header and each piece, one at each step."""
    first, rest = _first_of(pieces)
    defuse: Callable[[pa.ChunkedArray], pa.ChunkedArray] = defused if reader == "spreadsheet" else lambda texts: texts
    names = defuse(pa.chunked_array([first.column_names], pa.string())).to_pylist()
    plain = (
        pa.table([_plain(column, defuse) for column in piece.columns], names=names) for piece in chain([first], rest)
    )
    head = next(plain)
    with arrow_csv.CSVWriter(sink, head.schema, write_options=arrow_csv.WriteOptions(quoting_style="needed")) as file:
        for piece in chain([head], plain):
            file.write_table(piece)
            yield


def _plain(column: pa.ChunkedArray, defuse: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.ChunkedArray:
    """A column as CSV has it: moments as ISO texts, each written once."""
    if pa.types.is_timestamp(column.type):
        moments = column.combine_chunks().dictionary_encode()
        texts = pa.array(map(_text, moments.dictionary.to_pylist()), pa.string())
        return pa.chunked_array([texts.take(moments.indices)])
    return defuse(column) if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else column


def _text(item: object) -> str:
    return item.isoformat() if isinstance(item, date | datetime) else str(item)
