"""What is believed of each option now, with its interval: never a point alone."""

from __future__ import annotations

from datetime import date
from math import floor, isfinite, log10

from living_personas.domain.value import value

__all__ = ["MOST_DECIMALS", "EffectDays", "Interval", "Subject", "decimals"]

MOST_DECIMALS = 8


@value
class Subject:
    """What a belief is about: an attribute of a persona, on one channel if it is believed per channel."""

    persona: str
    attribute: str
    channel: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.persona, self.attribute, self.channel) if part)


@value
class Interval:
    """An estimate with the ends of its interval."""

    estimate: float
    lower: float
    upper: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the sign is known."""
        return self.lower > 0 or self.upper < 0

    def __neg__(self) -> Interval:
        """The same difference, seen from the other side."""
        return Interval(estimate=-self.estimate, lower=-self.upper, upper=-self.lower)


@value
class EffectDays:
    """The days that an effect is of: ``first`` to ``last``, on which the two options have ``units``.

    ``ahead_since`` is about when the stretch began in which the option has been ahead of the other. ``before`` is the
    effect of the earlier days of the same definition; None while too little is known of them. ``times`` is how many
    times as much the option brought as the other; None while that has no upper end.
    """

    first: date
    last: date
    units: int
    ahead_since: date
    before: Interval | None = None
    times: Interval | None = None

    @property
    def count(self) -> int:
        """How many days they are."""
        return (self.last - self.first).days + 1

    @property
    def was_behind(self) -> bool:
        """Whether the option was behind on the earlier days."""
        return self.before is not None and self.before.upper < 0


def decimals(found: Interval, scale: float = 1.0) -> int:
    """How many decimals an interval supports: two digits of its width, and more where an end would look like 0.

    An interval that holds 0 gets one more at most: that an end lies below it is said by its sign.

    >>> decimals(Interval(estimate=0.0012, lower=0.0007, upper=0.0018))
    4
    >>> decimals(Interval(estimate=5.0, lower=2.0, upper=9.0))
    1
    >>> decimals(Interval(estimate=35.0, lower=-0.1, upper=70.0))
    1
    """
    width = (found.upper - found.lower) * scale
    if not (isfinite(width) and width > 0):
        return 2
    wanted = min(max(1 - floor(log10(width)), 0), MOST_DECIMALS)
    nearest = min((abs(end) for end in (found.lower, found.upper) if end), default=0.0) * scale
    most = min(MOST_DECIMALS, MOST_DECIMALS if found.excludes_zero else wanted + 1)
    while wanted < most and round(nearest, wanted) == 0:
        wanted += 1
    return wanted
