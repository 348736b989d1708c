"""Intervals as bars on one common scale: where each begins, ends, and has its estimate, beside nothing at all."""

from __future__ import annotations

from collections.abc import Sequence

from living_personas.domain.belief import Interval
from living_personas.domain.value import value

__all__ = ["Bar", "bars"]

MARGIN = 6.0
"""Percent of the width that stay free on each side, so that no mark is cut."""


@value
class Bar:
    """Places on a scale, in percent of its width; ``zero`` is where the workshop stood."""

    lower: float
    estimate: float
    upper: float
    zero: float

    @property
    def width(self) -> float:
        """How wide the interval is."""
        return round(self.upper - self.lower, 2)


def bars(effects: Sequence[Interval | None]) -> tuple[Bar | None, ...]:
    """A bar for each effect, all on the scale that holds every interval and zero.

    >>> bar, none = bars([Interval(estimate=1.0, lower=0.0, upper=2.0), None])
    >>> bar.zero, bar.estimate, bar.upper, none
    (6.0, 50.0, 94.0, None)
    """
    known = [effect for effect in effects if effect is not None]
    low = min([0.0, *(effect.lower for effect in known)])
    high = max([0.0, *(effect.upper for effect in known)])
    span = (high - low) or 1.0

    def place(number: float) -> float:
        return round(MARGIN + (100 - 2 * MARGIN) * (number - low) / span, 2)

    return tuple(
        Bar(lower=place(effect.lower), estimate=place(effect.estimate), upper=place(effect.upper), zero=place(0.0))
        if effect is not None
        else None
        for effect in effects
    )
