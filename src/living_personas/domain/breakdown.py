"""Effects by parts, to explore: how far they are counted, and the parts that the numbers of a column make."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from itertools import pairwise

from living_personas.domain.value import value

__all__ = ["BREAKDOWNS_THERE", "MOST_BREAKDOWNS", "Bands", "CountedParts"]

MOST_BREAKDOWNS = 8
"""Columns by which effects are looked at: each night counts its units by all of them at once."""

BREAKDOWNS_THERE = ("channel", "campaign")
"""What effects are looked at by always: where an option was shown."""


@value
class CountedParts:
    """Of which days an attribute's units are counted in parts: from ``first`` to ``through``, all but ``again``.

    ``asked`` says by what: another text where a column is another one. ``again`` are days that late data changed.
    """

    asked: tuple[str, ...]
    first: date
    through: date
    again: tuple[date, ...] = ()


@value
class Bands:
    """The parts that numbers fall into, cut at ``edges`` (in order, each the least number of a part)."""

    asked: str
    edges: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the parts are called, from the least numbers on.

        >>> Bands(asked="visits", edges=(1.0, 3.5)).names
        ('under 1', '1 to under 3.5', '3.5 or more')
        """
        if not self.edges:
            return ("any number",)
        said = [f"{edge:.15g}" for edge in self.edges]
        between = (f"{low} to under {high}" for low, high in pairwise(said))
        return (f"under {said[0]}", *between, f"{said[-1]} or more")

    def name_of(self, number: float) -> str:
        """The part of a number.

        >>> Bands(asked="visits", edges=(1.0, 3.5)).name_of(1.0)
        '1 to under 3.5'
        """
        return self.names[bisect_right(self.edges, number)]
