"""JSON: objects by line or one after the other, in an array or in pages of an API; values keep their types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from living_personas.errors import IngestError, Location
from living_personas.sources.blocks import Block
from living_personas.sources.file_or_body import File
from living_personas.sources.json_columns import json_blocks
from living_personas.sources.json_layout import JsonLayout, layout_of
from living_personas.sources.json_text import JsonText, read_object
from living_personas.sources.opened_rows import Rows
from living_personas.sources.rows import Chunk, Row, Unreadable
from living_personas.sources.text_lines import BLOCK, chunked, first_bytes, line_reader, read_blocks, read_lines

__all__ = ["open_json"]

_BLANKS = " \t\r\n"
_BETWEEN = _BLANKS + ","
_KEPT = 1 << 15
_LOOKED_AT = 20_000
"""The first rows, whose keys are the columns."""


def open_json(path: File, *, chunk: int, explode: str = "") -> Rows:
    """The rows of a JSON file; its columns are the keys of the first chunk, and any row may lack a key.

    Rows are lines of objects, objects one after the other, or the items of an array: the file's, or that of the pages
    in which an API gives them. ``explode`` is the array that the source takes apart itself.

    Raises
    ------
    IngestError
        If it is an object over several lines, in which it is not known where the rows are.
    """
    layout = layout_of(first_bytes(path, most=BLOCK).decode("utf-8", "backslashreplace"), explode=explode)
    if layout.kind == "unknown":
        raise IngestError(
            f"The file {path.name!r} is one object over several lines: where its rows are is not known.",
            hint=f"write its rows as lines, as `jq -c '.data[]' {path.name}` does with those under `data`.",
            where=Location(file=str(path)),
        )
    by_line = layout.kind == "lines"
    rows = partial(_lines, path) if by_line else partial(_items, path, layout)
    _, first = next(chunked(rows(), min(chunk, _LOOKED_AT)), (1, []))
    columns = tuple(dict.fromkeys(key for row in first if not isinstance(row, Unreadable) for key in row))
    return Rows(
        name=path.name,
        columns=columns,
        chunks=lambda: chunked(rows(), chunk),
        blocks=lambda: _blocks(path, chunk) if by_line else map(_as_block, chunked(rows(), chunk)),
        some=partial(_blocks, path, chunk) if by_line else None,
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


def _items(path: File, layout: JsonLayout) -> Iterator[Row | Unreadable]:
    """The rows that are not lines, a few at a time in memory; after one that is no JSON nothing can be found."""
    text = JsonText(read_blocks(path))
    match layout.kind:
        case "pages":
            found = _of_pages(text, layout.key)
        case "array":
            found = _of_array(text)
        case _:
            found = _of_objects(text)
    yield from found
    if rest := text.rest().strip(_BETWEEN + "]"):
        what = "array of objects" if layout.kind == "array" else "object"
        yield Unreadable(raw=rest[:_KEPT], detail=f"it is no JSON {what} from here on")


def _of_objects(text: JsonText) -> Iterator[Row | Unreadable]:
    while text.next(_BETWEEN) == "{" and (found := text.value()):
        yield _row(found)


def _of_array(text: JsonText) -> Iterator[Row | Unreadable]:
    """The items of the array that comes next; one that never ends was cut off."""
    if not text.skip("["):
        return
    while (begins := text.next(_BETWEEN)) not in ("", "]") and (found := text.value()):
        yield _row(found)
    if not begins:
        yield Unreadable(raw="[", detail="the file ends before its array does: it was cut off")
    text.skip("]")


def _of_pages(text: JsonText, key: str) -> Iterator[Row | Unreadable]:
    """The rows of page after page; a page that holds none says so."""
    while text.next(_BETWEEN) == "{" and text.skip("{"):
        there = False
        while text.next(_BETWEEN) == '"' and (name := text.value()) and text.skip(":"):
            if json.loads(name) == key and text.next(_BLANKS) == "[":
                there = True
                yield from _of_array(text)
            elif not text.value():
                return
        if not text.skip("}"):
            return
        if not there:
            yield Unreadable(
                raw="{}", detail=f"it has no array {key!r}, in which the first one of the file has its rows"
            )


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
