"""Rows before they are understood: numbered dictionaries, in chunks, with the unreadable ones among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from living_personas.domain.event import QuarantineReason
from living_personas.domain.value import value
from living_personas.errors import BadValueError, Location

__all__ = ["BadRowError", "Chunk", "Row", "Rows", "Unreadable"]

Row: TypeAlias = dict[str, object]
"""The values of one row by column; None is a missing value."""


@value
class Unreadable:
    """A row that has no columns, because it could not be taken apart: its text, and what was wrong."""

    raw: str
    detail: str
    reason: Literal["unreadable row", "too large"] = "unreadable row"


Chunk: TypeAlias = tuple[int, list[Row | Unreadable]]
"""The number of the first row, and the rows; data rows count from 1, unreadable ones included, blank lines not."""


@value
class Rows:
    """The rows of one file or frame, read chunk by chunk so that memory stays bounded.

    ``name`` is the file's base name, or ``frame``. ``total`` is the number of rows where it is known without reading.
    ``typed`` is False where every value is text (CSV). ``lacks`` says which of some columns no row has; None means
    that ``columns`` is the whole truth. ``again`` says whether they can be read again and again: files can, a
    stream only once. ``narrow`` are columns of floats of fewer bits than Python's, with their types.
    """

    name: str
    columns: tuple[str, ...]
    chunks: Callable[[], Iterator[Chunk]]
    total: int | None = None
    typed: bool = True
    where: Location | None = None
    lacks: Callable[[frozenset[str]], frozenset[str]] | None = None
    again: bool = True
    narrow: Mapping[str, Callable[[float], object]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Chunk]:
        return self.chunks()

    def missing(self, wanted: Iterable[str]) -> frozenset[str]:
        """Which of the wanted columns are not there."""
        absent = frozenset(name for name in wanted if not self._has(name))
        return self.lacks(absent) if absent and self.lacks else absent

    def _has(self, name: str) -> bool:
        """Whether there is such a column, or an object that a dotted name may reach into."""
        parts = name.split(".")
        heads = {".".join(parts[:n]) for n in range(1, len(parts))} if self.typed else set()
        return name in self.columns or not heads.isdisjoint(self.columns)


class BadRowError(Exception):
    """One row cannot become events: it goes to quarantine with this reason, the rest of the file goes on."""

    def __init__(self, reason: QuarantineReason, detail: str) -> None:
        super().__init__(detail)
        self.reason: QuarantineReason = reason
        self.detail = detail

    @classmethod
    def of(cls, error: BadValueError, column: str | None) -> BadRowError:
        """A value that could not be read, in a column."""
        return cls(error.reason, f"column {column!r}: {error.message} {error.hint}")
