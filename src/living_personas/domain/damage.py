"""Damage: something on the disk that is not what was written, where it is, and what it can be made from again."""

from __future__ import annotations

from datetime import date

from living_personas.domain.value import value

__all__ = ["Damage", "Examination"]


@value
class Damage:
    """One damaged thing.

    ``place`` is its file, as a path in the workspace; of a file of a table, ``table`` and ``day`` say what it holds.
    ``made_of`` says what it is made from again; empty if nothing else in the workspace holds it.
    """

    place: str
    says: str
    table: str = ""
    day: date | None = None
    made_of: str = ""


@value
class Examination:
    """What was looked at, what of it is damaged, and what else is worth knowing.

    ``head`` is the hash that covers every snapshot; empty if there is none, or it cannot be read.
    """

    files: int
    size: int
    pages: int
    head: str
    damages: tuple[Damage, ...]
    notes: tuple[str, ...]
