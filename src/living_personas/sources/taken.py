"""Columns of our own: taken from those of a file, under another name, in other words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from living_personas.domain.raw import bare
from living_personas.domain.settings import Reads, TakenColumn
from living_personas.domain.yes_no import yes_no

__all__ = ["taken"]


def taken(said: object, column: TakenColumn) -> object:
    """The value of a column of our own, for what stands in the column that it is taken from.

    >>> taken("click", TakenColumn(name="event", column="action", words={"click": "Email Link Clicked"}))
    'Email Link Clicked'
    >>> taken("true", TakenColumn(name="consent_email", column="opted out", reads="opposite"))
    False
    """
    if column.words and isinstance(said, str):
        said = column.words.get(bare(said), said)
    return _READ[column.reads](said)


def _as_said(said: object) -> object:
    return said


def _yes_no(said: object) -> object:
    found = yes_no(said)
    return said if found is None else found


def _opposite(said: object) -> object:
    found = yes_no(said)
    return said if found is None else not found


_READ: Mapping[Reads, Callable[[object], object]] = {"as_said": _as_said, "yes_no": _yes_no, "opposite": _opposite}
