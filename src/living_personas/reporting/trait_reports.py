"""Traits: believed, held, and measured on the members of today."""

from __future__ import annotations

from living_personas.domain.belief import Interval
from living_personas.domain.persona import PersonaVersion, Trait
from living_personas.domain.report import TraitReport
from living_personas.loop.corrections.trait_drift import Measures

__all__ = ["trait_reports"]


def trait_reports(version: PersonaVersion, measured: Measures) -> tuple[TraitReport, ...]:
    """A report of each trait of a persona."""
    return tuple(_report(version, trait, measured.get((version.id, trait.name))) for trait in version.traits)


def _report(version: PersonaVersion, trait: Trait, measured: tuple[Interval | None, int] | None) -> TraitReport:
    believed = next((t.believed for t in version.persona.traits if t.name == trait.name), trait.believed)
    interval, customers = measured or (None, 0)
    return TraitReport(
        trait=trait.name,
        unit=trait.unit,
        believed=believed,
        value=trait.believed,
        measured=interval,
        customers=customers,
    )
