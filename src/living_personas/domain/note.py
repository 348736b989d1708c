"""What somebody noted about a persona: for colleagues, beside what evidence says."""

from __future__ import annotations

from datetime import datetime

from living_personas.domain.legible import check_legible
from living_personas.domain.value import value

__all__ = ["LONGEST_NOTE", "Note"]

LONGEST_NOTE = 2_000
"""Characters of a note."""


@value
class Note:
    """A note, by whom and when; ``about`` names one of the persona's attributes, or is empty.

    Of a note that named a customer who was erased, ``text`` is gone, and ``erased`` says so.
    """

    persona: str
    about: str
    text: str
    by: str
    at: datetime
    erased: bool = False

    def __post_init__(self) -> None:
        if self.erased:
            return
        check_legible(self.text, what="The note", longest=LONGEST_NOTE, lines=True)
