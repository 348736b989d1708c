"""What somebody noted about a persona: for colleagues, beside what evidence says."""

from __future__ import annotations

from datetime import datetime

from living_personas.domain.value import value
from living_personas.errors import InvalidDecisionError

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
        shown = self.text.replace("\n", " ")
        if not self.text.strip() or len(self.text) > LONGEST_NOTE or not shown.isprintable():
            raise InvalidDecisionError(
                f"The note of {len(self.text)} characters cannot be taken.",
                hint=f"write 1 to {LONGEST_NOTE:,} characters that can be seen.",
            )
