"""What is believed of each option now, with its interval: never a point alone."""

from __future__ import annotations

from datetime import date

from living_personas.domain.value import value

__all__ = ["Belief", "Interval", "Subject"]


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


@value
class Belief:
    """One option of a subject: how it does, how it compares with the current value, how likely it is the best.

    ``rate`` is the mean outcome per unit; ``effect`` the difference of means to the current value (None for the
    current value itself, or while nothing is known), with an interval that holds at every time at once.
    ``wealth`` is the option's account against the current value; 1/alpha corrects.
    """

    subject: Subject
    option: str
    current: bool
    units: int
    successes: int
    rate: float | None
    effect: Interval | None
    prob_best: float
    wealth: float
    as_of: date
