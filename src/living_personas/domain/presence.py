"""That a persona's file was taken away, or is there again."""

from __future__ import annotations

from datetime import date

from living_personas.domain.value import value

__all__ = ["Presence"]


@value
class Presence:
    """From ``day`` on nobody belongs to a persona any more, or (``there``) somebody may again.

    ``version`` is the one that it stands at, ``why`` who took its file away or brought it back, as far as it is known.
    """

    persona: str
    version: int
    day: date
    there: bool
    why: str
