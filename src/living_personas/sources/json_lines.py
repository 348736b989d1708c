"""JSON lines: one object a line, whose values keep their types."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from living_personas.errors import Location
from living_personas.sources.json_text import read_object
from living_personas.sources.lines import chunked, read_lines
from living_personas.sources.rows import Row, Rows, Unreadable

__all__ = ["open_json_lines"]


def open_json_lines(path: Path, *, chunk: int) -> Rows:
    """The rows of a JSON-lines file; its columns are the keys of the first chunk, and any row may lack a key."""
    rows = partial(_rows, path)
    _, first = next(chunked(rows(), chunk), (1, []))
    columns = tuple(dict.fromkeys(key for row in first if not isinstance(row, Unreadable) for key in row))
    return Rows(
        name=path.name,
        columns=columns,
        chunks=lambda: chunked(rows(), chunk),
        where=Location(file=str(path)),
        lacks=lambda absent: _never_seen(rows(), absent),
    )


def _rows(path: Path) -> Iterator[Row | Unreadable]:
    for line in read_lines(path):
        if isinstance(line, Unreadable):
            yield line
        elif line.strip():
            yield _row(line)


def _row(line: str) -> Row | Unreadable:
    try:
        return read_object(line)
    except ValueError as error:
        return Unreadable(raw=line, detail=f"it is no JSON object: {error}")


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
