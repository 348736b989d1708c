"""Intervals as bars on one common axis: where each begins, ends, and has its estimate, beside nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

from living_personas.domain.belief import Interval
from living_personas.domain.told_number import with_minus
from living_personas.domain.value import value

__all__ = ["Bar", "Tick", "bars"]

MARGIN = 6.0
"""Percent of the width that stay free on each side, so that no mark is cut."""


TICKS = 5
"""Into how many steps an axis is divided at most."""


@value
class Tick:
    """A number on the axis, and its place in percent of the width."""

    place: float
    says: str


@value
class Bar:
    """Places on a scale, in percent of its width; ``zero`` is where the workshop stood, ``ticks`` is its axis."""

    lower: float
    estimate: float
    upper: float
    zero: float
    ticks: tuple[Tick, ...]

    @property
    def width(self) -> float:
        """How wide the interval is."""
        return round(self.upper - self.lower, 2)


def bars(effects: Sequence[Interval | None], *, percent: bool) -> tuple[Bar | None, ...]:
    """A bar for each effect, all on the scale that holds every interval and zero.

    Parameters
    ----------
    percent
        Whether effects are shares, whose axis counts in 100 occasions, or values.

    >>> bar, none = bars([Interval(estimate=1.0, lower=0.0, upper=2.0), None], percent=False)
    >>> bar.zero, bar.estimate, bar.upper, none
    (6.0, 50.0, 94.0, None)
    >>> [tick.says for tick in bar.ticks]
    ['0', '+0.5', '+1', '+1.5', '+2']
    """
    known = [effect for effect in effects if effect is not None]
    low = min([0.0, *(effect.lower for effect in known)])
    high = max([0.0, *(effect.upper for effect in known)])
    span = (high - low) or 1.0

    def place(number: float) -> float:
        return round(MARGIN + (100 - 2 * MARGIN) * (number - low) / span, 2)

    ticks = tuple(Tick(place=place(at), says=says) for at, says in _ticks(low, high, 100.0 if percent else 1.0))
    return tuple(
        Bar(
            lower=place(effect.lower),
            estimate=place(effect.estimate),
            upper=place(effect.upper),
            zero=place(0.0),
            ticks=ticks,
        )
        if effect is not None
        else None
        for effect in effects
    )


def _ticks(low: float, high: float, scale: float) -> list[tuple[float, str]]:
    """Round numbers (1, 2 or 5 times a power of ten apart) between two ends, and how they are written."""
    span = (high - low) * scale
    if span <= 0:
        return [(0.0, "0")]
    power = 10.0 ** floor(log10(span / TICKS))
    step = power * next(times for times in (1, 2, 5, 10) if times * power * TICKS >= span * (1 - 1e-9))
    numbers = (n * step for n in range(ceil(low * scale / step - 1e-9), floor(high * scale / step + 1e-9) + 1))
    return [(number / scale, with_minus(f"{number:+.6g}") if number else "0") for number in numbers]
