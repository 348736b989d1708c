"""JSON: one object a line, or one array of objects; values keep their types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from itertools import chain

from living_personas.errors import IngestError, Location
from living_personas.sources.blocks import Block
from living_personas.sources.file_or_body import File
from living_personas.sources.json_columns import json_blocks
from living_personas.sources.json_text import read_object
from living_personas.sources.opened_rows import Rows
from living_personas.sources.rows import Chunk, Row, Unreadable
from living_personas.sources.text_lines import LONGEST_LINE, chunked, first_bytes, line_reader, read_blocks, read_lines

__all__ = ["open_json"]

_BLANKS = " \t\r\n"
_BETWEEN = _BLANKS + ","
_KEPT = 1 << 15
_LOOKED_AT = 20_000
"""The first rows, whose keys are the columns."""


def open_json(path: File, *, chunk: int) -> Rows:
    """The rows of a JSON file; its columns are the keys of the first chunk, and any row may lack a key.

    Raises
    ------
    IngestError
        If it is an object that is written over several lines.
    """
    begins = first_bytes(path).lstrip()
    if begins.partition(b"\n")[0].strip() == b"{":
        raise IngestError(
            f"The file {path.name!r} is one object over several lines: where its rows are is not known.",
            hint=f"write its rows as lines, as `jq -c '.data[]' {path.name}` does with those under `data`.",
            where=Location(file=str(path)),
        )
    is_array = begins[:1] == b"["
    rows = partial(_items if is_array else _lines, path)
    _, first = next(chunked(rows(), min(chunk, _LOOKED_AT)), (1, []))
    columns = tuple(dict.fromkeys(key for row in first if not isinstance(row, Unreadable) for key in row))
    return Rows(
        name=path.name,
        columns=columns,
        chunks=lambda: chunked(rows(), chunk),
        blocks=lambda: map(_as_block, chunked(rows(), chunk)) if is_array else _blocks(path, chunk),
        some=None if is_array else partial(_blocks, path, chunk),
        where=Location(file=str(path)),
        lacks=lambda absent: _never_seen(rows(), absent),
    )


def _as_block(chunk: Chunk) -> Block:
    first, rows = chunk
    return Block(first=first, size=len(rows), columns=None, take=lambda places: [rows[place] for place in places])


def _blocks(path: File, chunk: int, only: frozenset[str] | None = None) -> Iterator[Block]:
    with line_reader(path) as lines:
        yield from json_blocks(lines, _read, chunk, only)


def _lines(path: File) -> Iterator[Row | Unreadable]:
    for line in read_lines(path):
        if (row := _read(line)) is not None:
            yield row


def _read(line: str | Unreadable) -> Row | Unreadable | None:
    """The row of a line; None if it is blank."""
    if isinstance(line, Unreadable):
        return line
    return _row(line) if line.strip() else None


def _items(path: File) -> Iterator[Row | Unreadable]:
    """The items of an array, of which a few at a time are in memory; after one that is no JSON nothing can be found."""
    text, place = "", 0
    for block in chain(read_blocks(path), ["\n"]):
        text = text[place:] + block if place else (text + block).lstrip(_BLANKS).removeprefix("[")
        place = 0
        while (item := _item(text, place)) is not None:
            yield _row(text[item.start : item.stop])
            place = item.stop
        if len(text) - place > LONGEST_LINE + len(block):
            break
    rest = text[place:].strip(_BLANKS + ",]")
    if rest:
        yield Unreadable(raw=rest[:_KEPT], detail="it is no JSON array of objects from here on")


def _item(text: str, place: int) -> slice | None:
    """Where the next item stands; None if there is no whole one."""
    while place < len(text) and text[place] in _BETWEEN:
        place += 1
    if place == len(text) or text[place] == "]":
        return None
    try:
        _, end = _decode(text, place)
    except (json.JSONDecodeError, RecursionError):
        return None
    return slice(place, end) if end < len(text) else None


_decode = json.JSONDecoder().raw_decode


def _row(text: str) -> Row | Unreadable:
    try:
        return read_object(text.rstrip(_BETWEEN))
    except ValueError as error:
        return Unreadable(raw=text, detail=f"it is no JSON object: {error}")


def _never_seen(rows: Iterator[Row | Unreadable], absent: frozenset[str]) -> frozenset[str]:
    """Which keys no row of the whole file has; a file without a single readable row lacks nothing."""
    readable = False
    for row in rows:
        if not isinstance(row, Unreadable):
            readable = True
            absent -= row.keys()
        if not absent:
            break
    return absent if readable else frozenset()
