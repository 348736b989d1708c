"""Traits are measured on a persona's members, and corrected when they have drifted from what was believed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from living_personas.domain.belief import Interval, Subject
from living_personas.domain.head_count import head_words
from living_personas.domain.persona import EVER, PersonaVersion, Trait
from living_personas.domain.refinement import Refinement
from living_personas.domain.told_number import amount_words
from living_personas.loop.context import Context
from living_personas.loop.corrections.refine import settle
from living_personas.loop.relations import column_names
from living_personas.memory.records import MEASURED
from living_personas.ports import Relation
from living_personas.refining.propose import refinement_id
from living_personas.rules.rule_words import column_words
from living_personas.stats.intervals import known_mean

__all__ = ["Measures", "last_measures", "measure_members", "measure_traits", "rounded"]

Measures: TypeAlias = Mapping[tuple[str, str], tuple[Interval | None, int]]
"""The mean of each (persona, trait) with its interval, and the customers behind it."""


def measure_traits(context: Context, customers: Relation, day: date) -> tuple[Refinement, ...]:
    """Measure every trait on the members at the end of ``day``; propose to correct those that are believed wrong.

    A trait is believed wrong when its value lies outside an interval that holds at every time at once, at the error
    budget shared by all traits of the persona.
    """
    if not measure_members(context, customers):
        return ()
    found = last_measures(context)
    proposals = [
        proposal
        for version in context.versions()
        for trait in version.traits
        if (proposal := _correction(version, trait, *found.get((version.id, trait.name), (None, 0)), day=day))
    ]
    return tuple(settled for proposal in proposals if (settled := settle(context, proposal, day=day)))


def measure_members(context: Context, customers: Relation) -> bool:
    """Measure every trait on the members of a customers table; whether there is any."""
    traits = sorted({trait.name: trait for persona in context.personas for trait in persona.traits}.items())
    columns = set(column_names(customers))
    known = [trait for name, trait in traits if name in columns]
    if known:
        sums = context.engine.measure(customers, members=customers, traits=known)
        rows = {f"{r['persona']}\n{r['trait']}": [r["n"], r["sum"], r["sum_sq"]] for r in sums.to_pylist()}
        MEASURED.write(context.store, dict(sorted(rows.items())))
    return bool(known)


def last_measures(context: Context) -> Measures:
    """The mean of each (persona, trait) with its interval (None while too few), and the customers behind it."""
    counts = {persona.id: max(len(persona.traits), 1) for persona in context.personas}
    found: dict[tuple[str, str], tuple[Interval | None, int]] = {}
    for key, (n, total, total_sq) in (MEASURED.read(context.store) or {}).items():
        persona, trait = key.split("\n")
        alpha = context.alpha / counts.get(persona, 1)
        found[persona, trait] = (known_mean(n, total, total_sq, alpha=alpha, is_value=True), int(n))
    return found


def rounded(measured: float, believed: float) -> str:
    """A mean as people say it: to four digits, or to as many as tell it from what was believed.

    >>> rounded(60.1137, 40.0), rounded(40.0004, 40.0), rounded(123_456.7, 100_000.0)
    ('60.11', '40.0004', '123,500')
    """
    texts = (amount_words(measured, digits) for digits in range(4, 16))
    return next((text for text in texts if text != amount_words(believed)), amount_words(measured))


def _amount(number: str, trait: Trait) -> str:
    return f"{number} {trait.unit}".rstrip()


def _correction(
    version: PersonaVersion, trait: Trait, measured: Interval | None, customers: int, *, day: date
) -> Refinement | None:
    if measured is None or measured.lower <= trait.believed <= measured.upper:
        return None
    new, said = f"{measured.estimate:.6g}", _amount(rounded(measured.estimate, trait.believed), trait)
    believed, members = _amount(amount_words(trait.believed), trait), head_words(customers)
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
        why=f"{column_words(trait.name).capitalize()} is {said}, not {believed}, among {members} members.",
        unit=trait.unit,
    )
