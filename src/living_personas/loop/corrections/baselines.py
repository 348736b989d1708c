"""Baselines from the CRM: what the data say of traits, and what past campaigns suggest to believe."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pyarrow.compute as pc

from living_personas.domain.belief import Interval
from living_personas.domain.cell import GOAL
from living_personas.domain.persona import Attribute, Trait, confidence_in
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.context import Context
from living_personas.loop.event_days.retired import foldable_from
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.folding.fold import customers_before, fold_days
from living_personas.loop.known.ignoring import told_apart
from living_personas.loop.learning.learn import cells_between
from living_personas.memory.tables import EVENTS, EXPOSURES
from living_personas.stats.intervals import known_mean
from living_personas.workspace.baseline_file import MeasuredTrait, SuggestedBelief

__all__ = ["Baseline", "draw_baselines"]

Baseline = tuple[tuple[MeasuredTrait, ...], tuple[SuggestedBelief, ...]]
"""What was measured, and what is suggested."""


def draw_baselines(context: Context) -> Mapping[str, Baseline]:
    """For each persona: its traits as measured on the customers whom its rule holds, and what history suggests.

    History is past campaigns without known propensities: nobody drew their options at random, so what they suggest is
    observational and worth at most *some data*.

    Raises
    ------
    InsufficientEvidenceError
        If no events have been recorded.
    """
    seal_waiting(context)
    days = EVENTS.days(context.store)
    if not days:
        raise InsufficientEvidenceError("There are no events yet.", hint="load the CRM export with `personas ingest`.")
    measured = _measured(context, days[-1])
    suggested = _suggested(context, max(days[0], foldable_from(context)), days[-1])
    return {persona.id: (measured.get(persona.id, ()), suggested.get(persona.id, ())) for persona in context.personas}


def _measured(context: Context, last: date) -> dict[str, tuple[MeasuredTrait, ...]]:
    by_name = {trait.name: trait for persona in context.personas for trait in persona.traits}
    with context.engine.keeping() as (engine, kept):
        customers = customers_before(context, last + timedelta(days=1), asked=kept)
        members = kept.members(customers, personas=told_apart(context))
        sums = engine.measure(customers, members=members, traits=tuple(by_name.values()))
    rows = {(row["persona"], row["trait"]): row for row in sums.to_pylist()}
    found: dict[str, tuple[MeasuredTrait, ...]] = {}
    for persona in context.personas:
        traits = [_trait(context, t, rows.get((persona.id, t.name)), last) for t in persona.traits]
        found[persona.id] = tuple(trait for trait in traits if trait is not None)
    return found


def _trait(context: Context, trait: Trait, row: Mapping[str, float] | None, last: date) -> MeasuredTrait | None:
    if row is None:
        return None
    mean = known_mean(row["n"], row["sum"], row["sum_sq"], alpha=context.alpha, is_value=True)
    if mean is None:
        return None
    return MeasuredTrait(
        trait=trait.name,
        value=mean.estimate,
        lower=mean.lower,
        upper=mean.upper,
        n=int(row["n"]),
        confidence=confidence_in(row["n"]),
        on=last,
        source=_source(context),
    )


def _suggested(context: Context, first: date, last: date) -> dict[str, tuple[SuggestedBelief, ...]]:
    """Per persona and attribute, the option whose observational units did best."""
    if not EXPOSURES.days(context.store):
        return {}
    fold_days(context, first, last)
    table = cells_between(context.store, first, last).table
    table = table.filter(pc.and_(pc.equal(table["metric"], GOAL), pc.equal(table["policy"], "")))
    sums: dict[tuple[str, str], dict[str, tuple[float, float, float]]] = {}
    for row in table.select(["persona", "attribute", "option", "n", "sum", "sum_sq"]).to_pylist():
        options = sums.setdefault((row["persona"], row["attribute"]), {})
        n, total, total_sq = options.get(row["option"], (0.0, 0.0, 0.0))
        options[row["option"]] = (n + row["n"], total + row["sum"], total_sq + row["sum_sq"])
    found = {
        persona.id: [
            _belief(context, each, sums.get((persona.id, each.name), {}), last, is_value=persona.goal.is_value)
            for each in persona.attributes
        ]
        for persona in context.personas
    }
    return {name: tuple(belief for belief in beliefs if belief is not None) for name, beliefs in found.items()}


def _belief(
    context: Context,
    attribute: Attribute,
    sums: Mapping[str, tuple[float, float, float]],
    last: date,
    *,
    is_value: bool,
) -> SuggestedBelief | None:
    """The best option against the next best; a hunch at most while the interval leaves the sign open."""
    rates: dict[str, Interval] = {}
    for option in attribute.options:
        if rate := known_mean(*sums.get(option, (0.0, 0.0, 0.0)), alpha=context.alpha, is_value=is_value):
            rates[option] = rate
    if len(rates) < 2:
        return None
    best, second = sorted(rates, key=lambda option: rates[option].estimate, reverse=True)[:2]
    effect = _difference(rates[best], rates[second])
    conversions = sums[best][1] + sums[second][1]
    return SuggestedBelief(
        attribute=attribute.name,
        option=best,
        confidence=confidence_in(conversions) if effect.excludes_zero else "hunch",
        effect=effect.estimate,
        lower=effect.lower,
        upper=effect.upper,
        on=last,
        source=_source(context),
    )


def _difference(one: Interval, other: Interval) -> Interval:
    """The difference of two independent means, with half widths added in squares."""
    half = float(((one.upper - one.estimate) ** 2 + (other.upper - other.estimate) ** 2) ** 0.5)
    estimate = one.estimate - other.estimate
    return Interval(estimate=estimate, lower=estimate - half, upper=estimate + half)


def _source(context: Context) -> str:
    return ", ".join(source.name for source in context.settings.sources) or "events"
