"""The first rows of a file: enough to see what it is, and what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import islice
from pathlib import Path

from living_personas.domain.raw import is_absent
from living_personas.domain.value import value
from living_personas.sources.frames import open_rows
from living_personas.sources.nesting import inside
from living_personas.sources.rows import BadRowError, Row, Unreadable
from living_personas.sources.text_lines import shows_utf8

__all__ = ["LOOKED_AT", "FirstRows", "first_rows"]

LOOKED_AT = 1_000
"""Rows that are looked at before anything is recorded."""


@value
class FirstRows:
    """A file's columns and its first readable rows; ``whole`` if there are no more. ``typed`` is False for CSV.

    ``unreadable`` are those that could not be taken apart, by their numbers. ``escape`` is a backslash where a row of
    CSV shows that one stands before quotes that are letters, ``encoding`` that of its text, if it is not UTF-8.
    """

    file: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    typed: bool
    whole: bool
    unreadable: Mapping[int, Unreadable] = field(default_factory=dict)
    escape: str = ""
    encoding: str = ""

    def has(self, column: str) -> bool:
        """Whether there is such a column, or a dotted name reaches something in one of the rows."""
        return column in self.columns or any(said is not None for said in self.values(column))

    def values(self, column: str) -> Iterator[object]:
        """What stands in a column, or in what a dotted name reaches; nothing where nothing was said."""
        for row in self.rows:
            try:
                said = row[column] if column in row else inside(row, column)
            except BadRowError:
                continue
            if not is_absent(said):
                yield said


def first_rows(file: Path, *, most: int = LOOKED_AT, encoding: str = "") -> FirstRows:
    """Look at a file; ``encoding`` is that of text that is no UTF-8: of several files some may be.

    Raises
    ------
    IngestError
        If it cannot be read at all.
    """
    if encoding and shows_utf8(file):
        encoding = ""
    opened = open_rows(file, chunk=most, encoding=encoding)
    escape = "\\" if opened.escaped and opened.escaped(most) else ""
    if escape:
        opened = open_rows(file, chunk=most, encoding=encoding, escape=escape)
    found = list(islice((row for _, chunk in opened for row in chunk), most + 1))
    return FirstRows(
        file=file,
        columns=opened.columns,
        rows=tuple(row for row in found[:most] if not isinstance(row, Unreadable)),
        typed=opened.typed,
        whole=len(found) <= most,
        unreadable={n: row for n, row in enumerate(found[:most], start=1) if isinstance(row, Unreadable)},
        escape=escape,
        encoding=encoding,
    )
