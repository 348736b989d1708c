"""A review that is not decided yet, because somebody said so."""

from __future__ import annotations

from datetime import date
from typing import Literal

from living_personas.domain.refinement import Refinement
from living_personas.domain.value import value

__all__ = ["Aside"]


@value
class Aside:
    """Why a review is not decided yet, by whom, and from how many units on it is asked again (0: when taken up)."""

    kind: Literal["held", "more data"]
    by: str
    day: date
    until_units: int = 0

    def waits(self, refinement: Refinement) -> bool:
        """Whether the refinement is still set aside."""
        return self.kind == "held" or refinement.units < self.until_units
