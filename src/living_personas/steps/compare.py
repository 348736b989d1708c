"""Living against static: the sums over customers inside and outside the holdout."""

from __future__ import annotations

import json
from datetime import date, timedelta

from living_personas.domain.persona import EVER
from living_personas.steps.fold import judged, longest_horizon
from living_personas.steps.parts import Parts

__all__ = ["HOLDOUT_SUMS", "compare_holdout"]

HOLDOUT_SUMS = "holdout_sums"
"""The fact that holds the sums, by persona and group."""


def compare_holdout(parts: Parts, day: date) -> None:
    """Sum up units and outcomes of every customer by the end of ``day``, by the attribute with most units.

    A customer has units of every attribute for the same outcomes: one attribute is enough, and two would count twice.
    """
    complete = day - timedelta(days=longest_horizon(parts.personas))
    sums = parts.engine.per_customer(
        units=parts.store.partitions.read("units", EVER, complete),
        events=parts.store.partitions.read("events", EVER, day),
        links=parts.store.inbox.links(),
        personas=[judged(persona) for persona in parts.personas],
    )
    chosen: dict[str, tuple[float, str]] = {}
    rows = sums.to_pylist()
    for row in rows:
        chosen[row["persona"]] = max(chosen.get(row["persona"], (0.0, "")), (row["units"], row["attribute"]))
    kept = {
        f"{row['persona']}\n{'static' if row['holdout'] else 'living'}": [
            row[name] for name in ("customers", "units", "outcomes", "units_sq", "outcomes_sq", "units_outcomes")
        ]
        for row in rows
        if chosen[row["persona"]][1] == row["attribute"]
    }
    parts.store.facts.set({HOLDOUT_SUMS: json.dumps(kept, sort_keys=True).encode()})
