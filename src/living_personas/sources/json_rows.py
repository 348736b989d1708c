"""JSON: objects by line or one after the other, in an array or in pages of an API; values keep their types."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from living_personas.errors import IngestError, Location
from living_personas.sources.blocks import Block
from living_personas.sources.file_or_body import File
from living_personas.sources.json_columns import item_parts, json_blocks, line_parts
from living_personas.sources.json_layout import JsonLayout, is_paging, layout_of
from living_personas.sources.json_text import JsonText, read_object
from living_personas.sources.opened_rows import Rows
from living_personas.sources.rows import Row, Unreadable
from living_personas.sources.text_lines import (
    BLOCK,
    LONGEST_LINE,
    chunked,
    decoded,
    first_bytes,
    line_reader,
    read_blocks,
    read_lines,
)

__all__ = ["open_json"]

Items: TypeAlias = Callable[[], Iterator[str | Unreadable]]
"""Gives each row as one line, or what was wrong with it."""

_BLANKS = " \t\r\n"
_BETWEEN = _BLANKS + ",\x1e"
"""Commas, and the mark of RFC 7464 before each object."""
_UNENDED = "the file ends within it: it was cut off, or a quote or bracket is missing"
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
        If it is one object, in which it is not known where or what the rows are.
    """
    layout = layout_of(first_bytes(path, most=BLOCK).decode("utf-8", "surrogateescape"), explode=explode)
    if layout.kind in ("unknown", "by name", "by column"):
        raise _rows_unknown(path, layout)
    by_line = layout.kind == "lines"
    items = partial(read_lines, path) if by_line else partial(_items, path, layout)
    _, first = next(chunked(_rows(items()), min(chunk, _LOOKED_AT)), (1, []))
    columns = tuple(dict.fromkeys(key for row in first if not isinstance(row, Unreadable) for key in row))
    blocks = partial(_blocks_of_lines, path, chunk) if by_line else partial(_blocks_of_items, items, chunk)
    return Rows(
        name=path.name,
        columns=columns,
        chunks=lambda: chunked(_rows(items()), chunk),
        blocks=blocks,
        some=blocks,
        where=Location(file=str(path)),
        lacks=lambda absent: _never_seen(_rows(items()), absent),
    )


def _rows_unknown(path: File, layout: JsonLayout) -> IngestError:
    name = path.name
    match layout.kind:
        case "by name":
            what = f"holds its rows by name, {layout.keys[0]!r} and so on: what these names are is not known"
            hint = f"write lines with the name in a column: `jq -c 'to_entries[] | {{id: .key}} + .value' {name}`."
        case "by column":
            what = f"holds columns, {layout.keys[0]!r} and so on, and no rows"
            hint = "write its rows as lines, as pandas does: `frame.to_json(FILE, orient='records', lines=True)`."
        case _:
            what = "is one object over several lines: where its rows are is not known"
            hint = f"write its rows as lines, as `jq -c '.data[]' {name}` does with those under `data`."
    return IngestError(f"The file {name!r} {what}.", hint=hint, where=Location(file=str(path)))


def _blocks_of_lines(path: File, chunk: int, only: frozenset[str] | None = None) -> Iterator[Block]:
    with line_reader(path) as lines:
        yield from json_blocks(line_parts(lines), _read, chunk, only)


def _blocks_of_items(items: Items, chunk: int, only: frozenset[str] | None = None) -> Iterator[Block]:
    return json_blocks(item_parts(items()), _read, chunk, only)


def _rows(lines: Iterator[str | Unreadable]) -> Iterator[Row | Unreadable]:
    for line in lines:
        if (row := _read(line)) is not None:
            yield row


def _read(line: str | Unreadable) -> Row | Unreadable | None:
    """The row of a line; None if it is blank."""
    if isinstance(line, Unreadable):
        return line
    return _row(line) if line.strip() else None


def _items(path: File, layout: JsonLayout) -> Iterator[str | Unreadable]:
    """The rows that are not lines, each as one, a few at a time in memory."""
    text = JsonText(read_blocks(path))
    match layout.kind:
        case "pages":
            found = _of_pages(text, layout.keys)
        case "array":
            found = _of_arrays(text)
        case _:
            found = _of_objects(text)
    yield from found
    if rest := text.rest().strip(_BETWEEN + "]"):
        what = "array of objects" if layout.kind == "array" else "object"
        yield Unreadable(raw=_legible(rest[:_KEPT]), detail=f"it is no JSON {what} from here on: none of it is read")


def _of_objects(text: JsonText) -> Iterator[str | Unreadable]:
    yield from map(_as_line, text.objects(_BETWEEN))
    while text.next(_BETWEEN) == "{" and (found := _item(text)):
        yield found
        yield from map(_as_line, text.objects(_BETWEEN))


def _of_arrays(text: JsonText) -> Iterator[str | Unreadable]:
    while text.next(_BETWEEN) == "[":
        yield from _of_array(text)


def _of_array(text: JsonText) -> Iterator[str | Unreadable]:
    """The items of the array that comes next; one that never ends was cut off."""
    text.skip("[")
    yield from map(_as_line, text.objects(_BETWEEN))
    while (begins := text.next(_BETWEEN)) not in ("", "]") and (found := _item(text)):
        yield found
        if isinstance(found, Unreadable) and found.detail == _UNENDED:
            return
        yield from map(_as_line, text.objects(_BETWEEN))
    if not begins:
        yield Unreadable(raw="[", detail="the file ends before its array does: it was cut off")
    text.skip("]")


def _item(text: JsonText) -> str | Unreadable:
    """The item that comes next, as one line; what is no JSON costs only itself if its brackets and quotes match.

    Empty if nothing comes that is an item.
    """
    if found := text.value():
        return _as_line(found)
    found, whole = text.passed()
    if not found:
        return ""
    return _as_line(found) if whole else Unreadable(raw=_legible(found[:_KEPT]), detail=_UNENDED)


def _of_pages(text: JsonText, keys: Sequence[str]) -> Iterator[str | Unreadable]:
    """The rows of page after page; a page that holds none says so."""
    while text.next(_BETWEEN) == "{":
        there = yield from _of_page(text, keys)
        if there is None:
            return
        if not there:
            where = ".".join(keys)
            detail = f"it has no array {where!r}, in which the first one of the file has its rows"
            yield Unreadable(raw="{}", detail=detail)


def _of_page(text: JsonText, keys: Sequence[str]) -> Generator[str | Unreadable, None, bool | None]:
    """The rows of the page that comes next; whether it has any array of them, or None if it is no JSON."""
    first, *others = keys
    there = False
    text.skip("{")
    while text.next(_BETWEEN) == '"' and (name := text.value()) and text.skip(":"):
        key = json.loads(name)
        begins = text.next(_BLANKS) if key == first else ""
        if begins == "[" and not others:
            there = True
            yield from _of_array(text)
        elif begins == "{" and others:
            inside = yield from _of_page(text, others)
            if inside is None:
                return None
            there = there or inside
        elif not (skipped := text.value() or text.passed()[0]):
            return None
        elif skipped[0] in "[{" and not is_paging(key):
            yield Unreadable(
                raw=_legible(skipped[:_KEPT]), detail=f"it stands under {key!r} beside the rows, and is not read"
            )
    return there if text.skip("}") else None


def _as_line(item: str) -> str | Unreadable:
    """The text of an object, in which line ends stand only between values, as one line."""
    line = item.rstrip(_BETWEEN).replace("\r", " ").replace("\n", " ") + "\n"
    known = line.isascii() and len(line) <= LONGEST_LINE
    return line if known else decoded(line.encode("utf-8", "surrogateescape"))


def _legible(text: str) -> str:
    """A text with bytes that are no UTF-8 as they are written."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


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
