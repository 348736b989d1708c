"""A brief in three parts: what is proven, what the evidence leans to, and what is unknown and must not be invented."""

from __future__ import annotations

from typing import Literal

from living_personas.domain.report import AttributeReport, PersonaReport
from living_personas.domain.value import value

__all__ = ["Brief", "Part", "brief_of", "part_of"]

Part = Literal["proven", "leaning", "unknown"]

LEANS = 0.8
"""How probable it must be that an option is the best before one may lean on it."""


@value
class Brief:
    """The attributes of one persona, by how well they are known."""

    proven: tuple[AttributeReport, ...]
    leaning: tuple[AttributeReport, ...]
    unknown: tuple[AttributeReport, ...]

    def by_part(self) -> tuple[tuple[Part, tuple[AttributeReport, ...]], ...]:
        """The three parts with their names."""
        return (("proven", self.proven), ("leaning", self.leaning), ("unknown", self.unknown))


def brief_of(persona: PersonaReport) -> Brief:
    """The brief of a persona."""
    return Brief(
        proven=tuple(each for each in persona.attributes if part_of(each) == "proven"),
        leaning=tuple(each for each in persona.attributes if part_of(each) == "leaning"),
        unknown=tuple(each for each in persona.attributes if part_of(each) == "unknown"),
    )


def part_of(found: AttributeReport) -> Part:
    """Proven is what was corrected or confirmed; leaning has an interval and an option that is probably the best."""
    if found.status in ("corrected", "confirmed") and not found.alarms:
        return "proven"
    likeliest = max((option.prob_best for option in found.options), default=0.0)
    if found.effect is not None and likeliest >= LEANS and not found.alarms:
        return "leaning"
    return "unknown"
