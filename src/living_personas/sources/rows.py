"""Rows before they are understood: dictionaries, and what could not be taken apart."""

from __future__ import annotations

from typing import Literal, TypeAlias

from living_personas.domain.event import QuarantineReason
from living_personas.domain.value import value
from living_personas.errors import BadValueError

__all__ = ["BadRowError", "Chunk", "Row", "Unreadable"]

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


class BadRowError(Exception):
    """One row cannot become events: it goes to quarantine with this reason, the rest of the file goes on."""

    def __init__(self, reason: QuarantineReason, detail: str) -> None:
        super().__init__(detail)
        self.reason: QuarantineReason = reason
        self.detail = detail

    @classmethod
    def of(cls, error: BadValueError, column: str | None) -> BadRowError:
        """A value that could not be read, in a column."""
        return cls(error.reason, f"column {column!r}: {error.in_sentences}")
