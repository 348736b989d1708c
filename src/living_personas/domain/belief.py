"""What is believed of each option now, with its interval: never a point alone."""

from __future__ import annotations

from living_personas.domain.value import value

__all__ = ["Interval", "Subject"]


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
