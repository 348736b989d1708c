"""A brief in four parts: what is proven, what evidence leans to, what people chose, and what is unknown."""

from __future__ import annotations

from typing import Literal

from living_personas.domain.report import AttributeReport, PersonaReport
from living_personas.domain.value import value
from living_personas.reporting.what_is_known import PEOPLE, holds_proven, verdict

__all__ = ["Brief", "Part", "brief_of", "part_of"]

Part = Literal["proven", "leaning", "chosen", "unknown"]


@value
class Brief:
    """The attributes of one persona, by how well they are known."""

    proven: tuple[AttributeReport, ...]
    leaning: tuple[AttributeReport, ...]
    chosen: tuple[AttributeReport, ...]
    unknown: tuple[AttributeReport, ...]

    def by_part(self) -> tuple[tuple[Part, tuple[AttributeReport, ...]], ...]:
        """The parts with their names."""
        return (
            ("proven", self.proven),
            ("leaning", self.leaning),
            ("chosen", self.chosen),
            ("unknown", self.unknown),
        )


def brief_of(persona: PersonaReport) -> Brief:
    """The brief of a persona."""
    parts: dict[Part, list[AttributeReport]] = {"proven": [], "leaning": [], "chosen": [], "unknown": []}
    for each in persona.attributes:
        parts[part_of(each)].append(each)
    return Brief(**{part: tuple(found) for part, found in parts.items()})


def part_of(found: AttributeReport) -> Part:
    """Where a belief belongs: what people chose is *chosen*, unless it is proven, too."""
    parts: dict[str, Part] = {
        "chosen": "chosen",
        "leaning": "leaning",
        "unknown": "unknown",
        "held": "unknown",
        "lost": "unknown",
    }
    if found.decided.how in PEOPLE and not holds_proven(found) and not found.alarms:
        return "chosen"
    return parts.get(verdict(found), "proven")
