"""A part: one file with rows of one kind and day, as its row says."""

from __future__ import annotations

from dataclasses import field
from datetime import date

from living_personas.domain.value import value
from living_personas.stores.sql.database import Row
from living_personas.stores.sql.sums import Sum

__all__ = ["COLUMNS", "Part", "part_of"]

COLUMNS = "id, kind, day, rows, bytes, sha256, object"
"""The columns that make a part."""


@value
class Part:
    """One file with rows of one kind and day; where it is kept makes it no other."""

    id: int
    kind: str
    day: date
    rows: int
    sum: Sum | None = None
    """What its file must be; None if an older version wrote it, and nobody has summed it since."""
    object: str = field(default="", compare=False)
    """The address of the object that holds it; empty if none does."""


def part_of(row: Row) -> Part:
    """The part that a row of ``COLUMNS`` is."""
    id_, kind, day, rows, size, sha256, address = row
    known = None if sha256 is None else Sum(size=size, sha256=sha256)
    return Part(id=id_, kind=kind, day=date.fromisoformat(day), rows=rows, sum=known, object=address or "")
