"""What the first rows of a file leave open, and only a person can settle: rows, names and times that are not clear."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from zoneinfo import ZoneInfo

from living_personas.domain.counted import counted
from living_personas.domain.moment import patterns_of, understood
from living_personas.domain.number_text import number
from living_personas.errors import BadValueError, UndeclaredZoneError
from living_personas.recipes.first_rows import FirstRows

__all__ = ["open_points"]


def open_points(rows: FirstRows, dated: Collection[str], *, zone: ZoneInfo | None) -> Iterator[str]:
    """Sentences on what is not clear.

    Parameters
    ----------
    dated
        The columns that may hold times.
    zone
        What is declared of times that say no zone.
    """
    if rows.unreadable:
        place, first = next(iter(rows.unreadable.items()))
        many, all_ = counted(len(rows.unreadable), "row"), len(rows.rows) + len(rows.unreadable)
        yield f"{many} of the first {all_:,} cannot be read; row {place}: {first.detail}."
    elif not rows.rows:
        yield "there is no row in it."
    if not rows.typed and sum(map(_is_value, rows.columns)) * 2 >= len(rows.columns):
        named = ", ".join(map(repr, rows.columns[:3]))
        yield f"its first line names the columns {named}: if that is a row, put a line with their names above it."
    for column in dated:
        if error := _undeclared(rows, column, zone):
            yield f"column {column!r}: {error.message} {error.hint}"


def _is_value(name: str) -> bool:
    """Whether the name of a column is one that people give to none: a time, a number."""
    for read in (understood, number):
        try:
            read(name)
        except BadValueError:
            continue
        return True
    return False


def _undeclared(rows: FirstRows, column: str, zone: ZoneInfo | None) -> UndeclaredZoneError | None:
    texts = [said for said in rows.values(column) if isinstance(said, str)]
    patterns = (None, *patterns_of(texts))
    for said in texts:
        for pattern in patterns:
            try:
                understood(said, pattern, zone=zone)
            except UndeclaredZoneError as error:
                return error
            except BadValueError:
                continue
    return None
