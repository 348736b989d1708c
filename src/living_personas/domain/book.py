"""A book: the attributes that one promise about all of them was made for."""

from __future__ import annotations

from datetime import date

from living_personas.domain.value import value

__all__ = ["Book"]


@value
class Book:
    """The attributes (subjects as texts) that share a promise since a day. Who comes later opens another book."""

    opened: date
    subjects: tuple[str, ...]
