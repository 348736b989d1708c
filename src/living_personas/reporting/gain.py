"""The product's own proof: what living personas gained over the personas as first written."""

from __future__ import annotations

import json
from collections.abc import Sequence

from living_personas.domain.persona import PersonaVersion
from living_personas.domain.report import Gain
from living_personas.errors import InsufficientEvidenceError
from living_personas.reporting.words import points
from living_personas.stats.ratio import ClusterSums, rate_difference
from living_personas.steps.compare import HOLDOUT_SUMS
from living_personas.steps.parts import Parts

__all__ = ["gains"]


def gains(parts: Parts, versions: Sequence[PersonaVersion]) -> tuple[Gain, ...]:
    """Living minus static for each persona; the holdout is hashed by customer, so the customer is the unit."""
    block = parts.store.facts.get(HOLDOUT_SUMS)
    rows: dict[str, list[float]] = json.loads(block) if block else {}
    return tuple(_gain(parts, version, rows) for version in versions)


def _gain(parts: Parts, version: PersonaVersion, rows: dict[str, list[float]]) -> Gain:
    living, static = (rows.get(f"{version.id}\n{group}") for group in ("living", "static"))
    customers = [int(row[0]) if row else 0 for row in (living, static)]
    if not static or not living:
        says = "Not yet known: no customer of the holdout has met a decision."
        return Gain(
            persona=version.id, living_customers=customers[0], static_customers=customers[1], difference=None, says=says
        )
    try:
        difference = rate_difference(ClusterSums(*living), ClusterSums(*static), alpha=parts.alpha)
    except InsufficientEvidenceError as error:
        says = f"Not yet known: {error.message} {error.hint}"
        return Gain(
            persona=version.id, living_customers=customers[0], static_customers=customers[1], difference=None, says=says
        )
    shown = points(difference, percent=not version.persona.goal.is_value)
    known = "Living personas gained" if difference.lower > 0 else "Living personas lost"
    says = f"{known} {shown} per unit." if difference.excludes_zero else f"Not yet known: {shown} per unit."
    return Gain(
        persona=version.id,
        living_customers=customers[0],
        static_customers=customers[1],
        difference=difference,
        says=says,
    )
