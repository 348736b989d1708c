"""What is known of the cap of a goal that sums a value."""

from __future__ import annotations

from datetime import date

from living_personas.domain.value import value

__all__ = ["CappedGoal"]

FAR = 3.0
"""A written cap so many times above what units usually come to is far too high."""

MANY = 0.05
"""The share of units with a value that may come to the goal's own cap before that is worth a warning."""


@value
class CappedGoal:
    """A goal that sums ``value``, and what a unit counts for at most.

    ``at_most`` is the goal's own cap: written, or fixed on ``fixed_on`` from ``fixed_from`` values; None while it waits
    and ``seen`` of the ``needed`` values were seen. ``cap`` is that of the newest day, by ``units`` earlier units with
    a value, of which the share ``reach`` came to ``at_most``.
    """

    persona: str
    value: str
    at_most: float | None
    fixed_on: date | None
    fixed_from: int
    seen: int
    needed: int
    cap: float | None
    units: int
    reach: float

    @property
    def is_far_too_high(self) -> bool:
        """Whether a cap that somebody wrote is far above what units come to."""
        written = self.at_most is not None and self.fixed_on is None
        return written and self.cap is not None and self.at_most is not None and self.at_most > FAR * self.cap

    @property
    def is_often_reached(self) -> bool:
        """Whether so many units come to the goal's cap that what larger ones bring is not seen."""
        return self.reach > MANY
