"""Columns that stand in the folders of a file, as Hive and Spark write them: `day=2026-05-01/part-0.parquet`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa

from living_personas.sources.blocks import Block, BlockColumn
from living_personas.sources.opened_rows import Rows
from living_personas.sources.rows import Chunk, Row, Unreadable

__all__ = ["folder_columns", "with_folder_columns"]

_FOLDER = re.compile(r"(?P<column>[^=]+)=(?P<said>.*)")
_MISSING = "__HIVE_DEFAULT_PARTITION__"


def folder_columns(file: Path) -> Row:
    """The columns that the folders right above a file name, outermost first.

    >>> folder_columns(Path("/data/day=2026-05-01/shop=S%C3%BCd/part-0.parquet"))
    {'day': '2026-05-01', 'shop': 'Süd'}
    """
    folders = [_FOLDER.fullmatch(each.name) for each in file.absolute().parents]
    named = list(takewhile(bool, folders))
    said = {unquote(each["column"]): unquote(each["said"]) for each in reversed(named) if each}
    return {column: None if text in ("", _MISSING) else text for column, text in said.items()}


def with_folder_columns(rows: Rows, file: Path) -> Rows:
    """The rows of a file with the columns of its folders, but for those that it has itself."""
    said: Row = {column: text for column, text in folder_columns(file).items() if column not in rows.columns}
    if not said:
        return rows
    some = rows.some
    return replace(
        rows,
        columns=(*rows.columns, *said),
        chunks=partial(_chunks, rows, said),
        blocks=lambda: _blocks(rows.blocks(), said),
        some=None if some is None else lambda only: _blocks(some(only), said),
    )


def _chunks(rows: Rows, said: Row) -> Iterator[Chunk]:
    for first, found in rows.chunks():
        yield first, [_row(row, said) for row in found]


def _blocks(blocks: Iterator[Block], said: Row) -> Iterator[Block]:
    for block in blocks:
        own = block.columns
        added = {column: BlockColumn(pa.array([text] * block.size, pa.string())) for column, text in said.items()}
        yield replace(block, columns=None if own is None else {**own, **added}, take=partial(_taken, block, said))


def _taken(block: Block, said: Row, places: Sequence[int]) -> list[Row | Unreadable]:
    return [_row(row, said) for row in block.take(places)]


def _row(row: Row | Unreadable, said: Row) -> Row | Unreadable:
    return row if isinstance(row, Unreadable) else {**row, **said}
