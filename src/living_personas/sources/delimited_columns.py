"""CSV in columns: lines that nobody can read in two ways are taken apart by Arrow, or all at once."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from living_personas.sources.blocks import Block, BlockColumn
from living_personas.sources.csv_beginning import Beginning
from living_personas.sources.rows import Row, Unreadable

__all__ = ["Part", "csv_reader", "in_columns", "text_blocks"]

Part: TypeAlias = pa.Table | list[list[str] | Unreadable]
"""Some rows: in columns of text in which what is missing is NULL, or record by record."""

_LONGEST_FIELD = 1 << 17
"""Bytes. Longer ones are left to the reader of single records, which knows what is too long."""
_MOST_BYTES = 1 << 24
"""Of text in one block."""


def csv_reader(lines: Iterable[str], begun: Beginning, *, skipinitialspace: bool = False) -> Iterator[list[str]]:
    r"""The records of lines; escaped or not, ``\N`` is what databases write where there is nothing.

    >>> next(csv_reader([r'1,\N,"a \"b\", c\\d"'], Beginning(delimiter=",", above=0, escape="\\")))
    ['1', '\\N', 'a "b", c\\d']
    """
    escape, mark = begun.escape, re.escape(begun.delimiter)
    if escape:
        nothing = re.compile(rf"(?:(?<={mark})|^)\\N(?=$|[\r\n]|{mark})")
        lines = (nothing.sub(r"\\\\N", line) for line in lines)
    return csv.reader(
        lines,
        delimiter=begun.delimiter,
        strict=True,
        skipinitialspace=skipinitialspace,
        escapechar=escape or None,
        doublequote=not escape,
    )


def in_columns(text: bytes, begun: Beginning, columns: tuple[str, ...]) -> pa.Table | None:
    """Whole lines in columns of text; None if any of them may be more, or less, than one record."""
    if not text.endswith(b"\n") or b"\0" in text or (b"\r" in text and text.count(b"\r") != text.count(b"\r\n")):
        return None
    is_plain = b'"' not in text and not (begun.escape and begun.escape.encode() in text)
    table = _plain(text, begun.delimiter, columns) if is_plain else _quoted(text, begun, columns)
    if table is None or any((pc.max(pc.binary_length(each)).as_py() or 0) > _LONGEST_FIELD for each in table.columns):
        return None
    return table


def text_blocks(parts: Iterable[Part], columns: tuple[str, ...], chunk: int) -> Iterator[Block]:
    """The rows in blocks of at most ``chunk`` rows and about 16 MB."""
    first, tables, unreadable, rows, size = 1, list[pa.Table](), dict[int, Unreadable](), 0, 0
    for part in parts:
        if not isinstance(part, pa.Table):
            unreadable |= {rows + place: each for place, each in enumerate(part) if isinstance(each, Unreadable)}
        tables.append(part if isinstance(part, pa.Table) else _of_records(part, columns))
        rows, size = rows + tables[-1].num_rows, size + tables[-1].nbytes
        if rows >= chunk or size >= _MOST_BYTES:
            yield from _cut(pa.concat_tables(tables), unreadable, first, chunk)
            first, tables, unreadable, rows, size = first + rows, [], {}, 0, 0
    if rows:
        yield from _cut(pa.concat_tables(tables), unreadable, first, chunk)


def _plain(text: bytes, delimiter: str, columns: tuple[str, ...]) -> pa.Table | None:
    """Lines without a quote."""
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=columns),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, quote_char=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
    except (pa.ArrowException, ValueError):  # rows of another width, bytes that are no UTF-8, nothing but blank lines
        return None


def _quoted(text: bytes, begun: Beginning, columns: tuple[str, ...]) -> pa.Table | None:
    """Lines with quotes, if each is one record."""
    try:
        records = list(csv_reader(io.StringIO(text.decode(), newline="\n"), begun))
    except (csv.Error, UnicodeDecodeError):
        return None
    if len(records) != text.count(b"\n"):
        return None
    found = [record for record in records if record]
    return _of_records(found, columns) if {*map(len, found)} <= {len(columns)} else None


def _of_records(records: Sequence[list[str] | Unreadable], columns: tuple[str, ...]) -> pa.Table:
    """Records in columns, NULL where they are unreadable."""
    nothing = [""] * len(columns)
    whole = [nothing if isinstance(record, Unreadable) else record for record in records]
    said = zip(*whole, strict=True) if whole else ([] for _ in columns)
    return pa.table([_missing(pa.array(each, pa.string())) for each in said], names=columns)


def _missing(texts: pa.StringArray) -> pa.StringArray:
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _cut(table: pa.Table, unreadable: dict[int, Unreadable], first: int, chunk: int) -> Iterator[Block]:
    whole = table.combine_chunks()
    for start in range(0, whole.num_rows, chunk):
        part = whole.slice(start, chunk)
        here = {place - start: each for place, each in unreadable.items() if start <= place < start + part.num_rows}
        yield Block(
            first=first + start,
            size=part.num_rows,
            columns={
                name: BlockColumn(column.combine_chunks())
                for name, column in zip(part.column_names, part.columns, strict=True)
            },
            take=partial(_taken, part, here),
            unreadable=here,
        )


def _taken(table: pa.Table, unreadable: dict[int, Unreadable], places: Sequence[int]) -> list[Row | Unreadable]:
    rows: list[Row] = table.take(pa.array(places, pa.int64())).to_pylist()
    return [unreadable.get(place, row) for place, row in zip(places, rows, strict=True)]
