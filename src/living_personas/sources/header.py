"""The line that names the columns: whether it is one, or a row that a file without names begins with."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from living_personas.domain.moment import understood
from living_personas.domain.number_text import number
from living_personas.domain.raw import bare
from living_personas.errors import BadValueError

__all__ = ["NAME_THEM", "is_a_row"]

NAME_THEM = "put a line with the names of its columns above it (PostgreSQL writes one with `COPY ... WITH (HEADER)`)"


def is_a_row(columns: Sequence[str]) -> bool:
    r"""Whether names of columns are values: half of them times or numbers, or one that nobody calls a column.

    >>> is_a_row(["ann", "2026-05-01 10:00:00", "12.50"]), is_a_row(["ann", "shop", r"\N"]), is_a_row(["id", "2026"])
    (True, True, True)
    >>> is_a_row(["id", "name", "2026"])
    False
    """
    return any(map(_names_nothing, columns)) or sum(map(_is_measured, columns)) * 2 >= len(columns)


def _names_nothing(name: str) -> bool:
    r"""An address, a UUID, or ``\N``, by which databases write that there is no value."""
    if name == "\\N" or (name.count("@") == 1 and "." in bare(name).rpartition("@")[2]):
        return True
    try:
        return bool(UUID(name)) and len(name) == len(str(UUID(name)))
    except ValueError:
        return False


def _is_measured(name: str) -> bool:
    """Whether it is a time or a number."""
    for read in (understood, number):
        try:
            read(name)
        except BadValueError:
            continue
        return True
    return False
