"""A cap that nobody wrote: fixed once, from the values that were seen before it held."""

from __future__ import annotations

from datetime import date

from living_personas.domain.goal import Goal
from living_personas.domain.value import value

__all__ = ["ValueCap"]


@value
class ValueCap:
    """What a unit counts for at most, from the units of ``day`` on, by ``values`` values of days before."""

    event: str
    value: str
    currency: str | None
    at_most: float
    day: date
    values: int

    def is_of(self, goal: Goal) -> bool:
        """Whether it is about the values that a goal sums."""
        return (self.event, self.value, self.currency) == (goal.event, goal.value, goal.currency)
