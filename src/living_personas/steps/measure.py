"""Traits are measured on a persona's members, and corrected when they have drifted from what was believed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from living_personas.domain.belief import Interval, Subject
from living_personas.domain.persona import EVER, PersonaVersion, Trait
from living_personas.domain.refinement import Refinement
from living_personas.errors import InsufficientEvidenceError
from living_personas.refining.propose import refinement_id
from living_personas.stats.intervals import mean_interval
from living_personas.steps.parts import Parts
from living_personas.steps.refine import settle

__all__ = ["last_measures", "measure_traits", "rounded"]

MEASURED = "measured"
"""The fact that holds the sums of the last measurement."""


def measure_traits(parts: Parts, customers: pa.Table, day: date) -> tuple[Refinement, ...]:
    """Measure every trait on the members at the end of ``day``; propose to correct those that are believed wrong.

    A trait is believed wrong when its value lies outside an interval that holds at every time at once, at the error
    budget shared by all traits of the persona.
    """
    traits = sorted({trait.name: trait for persona in parts.personas for trait in persona.traits}.items())
    known = [trait for name, trait in traits if name in customers.column_names]
    if not known:
        return ()
    members = customers.select(["customer", "persona"])
    sums = parts.engine.measure(customers.drop_columns(["persona", "matches"]), members=members, traits=known)
    rows = {f"{r['persona']}\n{r['trait']}": [r["n"], r["sum"], r["sum_sq"]] for r in sums.to_pylist()}
    parts.store.facts.set({MEASURED: json.dumps(rows, sort_keys=True).encode()})
    found = last_measures(parts)
    proposals = [
        proposal
        for version in parts.versions()
        for trait in version.traits
        if (proposal := _correction(version, trait, *found.get((version.id, trait.name), (None, 0)), day=day))
    ]
    return tuple(settled for proposal in proposals if (settled := settle(parts, proposal, day=day)))


def last_measures(parts: Parts) -> Mapping[tuple[str, str], tuple[Interval | None, int]]:
    """The mean of each (persona, trait) with its interval (None while too few), and the customers behind it."""
    block = parts.store.facts.get(MEASURED)
    rows: dict[str, list[float]] = json.loads(block) if block else {}
    counts = {persona.id: max(len(persona.traits), 1) for persona in parts.personas}
    found: dict[tuple[str, str], tuple[Interval | None, int]] = {}
    for key, (n, total, total_sq) in rows.items():
        persona, trait = key.split("\n")
        alpha = parts.alpha / counts.get(persona, 1)
        found[persona, trait] = (_interval(n, total, total_sq, alpha), int(n))
    return found


def rounded(measured: float, believed: float) -> str:
    """A mean as people say it: to four digits, or to as many as tell it from what was believed.

    >>> rounded(60.1137, 40.0), rounded(40.0004, 40.0), rounded(123_456.7, 100_000.0)
    ('60.11', '40.0004', '123500')
    """
    texts = (f"{float(f'{measured:.{digits}g}'):.15g}" for digits in range(4, 16))
    return next((text for text in texts if text != f"{believed:.15g}"), f"{measured:.15g}")


def _interval(n: float, total: float, total_sq: float, alpha: float) -> Interval | None:
    try:
        return mean_interval(n, total, total_sq, alpha=alpha)
    except InsufficientEvidenceError:
        return None


def _correction(
    version: PersonaVersion, trait: Trait, measured: Interval | None, customers: int, *, day: date
) -> Refinement | None:
    if measured is None or measured.lower <= trait.believed <= measured.upper:
        return None
    new, said = f"{measured.estimate:.6g}", rounded(measured.estimate, trait.believed)
    subject = Subject(persona=version.id, attribute=trait.name)
    return Refinement(
        id=refinement_id(subject, "measure", new=f"not {trait.believed:g}", since=EVER),
        kind="measure",
        subject=subject,
        version=version.version,
        old=f"{trait.believed:g}",
        new=new,
        effect=Interval(
            estimate=measured.estimate - trait.believed,
            lower=measured.lower - trait.believed,
            upper=measured.upper - trait.believed,
        ),
        units=customers,
        wealth=None,
        grade="measured",
        day=day,
        verdict="hold",
        why=f"{trait.name} is {said}, not {trait.believed:g}, among {customers:,} members.",
    )
