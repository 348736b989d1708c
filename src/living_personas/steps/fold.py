"""Step 2: days of events become units and cells. Whole days are replaced, so late data and re-runs are safe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from living_personas.deciding.publish import WEEK
from living_personas.domain.cell import Cells
from living_personas.domain.persona import EVER, Persona
from living_personas.domain.settings import Feature, denominator_of
from living_personas.ports import Relation
from living_personas.rules.parse import Kind, parse
from living_personas.steps.consent import consenting, contact_traits
from living_personas.steps.days import between
from living_personas.steps.parts import Parts
from living_personas.steps.seen import features_of
from living_personas.steps.totals import are_additive, features_before

__all__ = ["customers_before", "fold_days", "judged", "known_by", "longest_horizon", "used_columns"]


def fold_days(parts: Parts, first: date, last: date) -> None:
    """Make the units and cells of the days ``first`` to ``last`` anew."""
    if last < first:
        return
    links = parts.store.inbox.links()
    days = list(between(first, last))
    for number, day in enumerate(days):
        parts.progress(number, len(days), "units")
        parts.store.partitions.replace("units", {day: _units(parts, day, links)})
    reach = timedelta(days=longest_horizon(parts.personas))
    parts.progress(len(days), len(days), "cells")
    cells = parts.engine.fold(
        first,
        last,
        units=parts.store.partitions.read("units", first - reach, last),
        events=parts.store.partitions.read("events", first - reach, last),
        links=links,
        personas=[judged(persona) for persona in parts.personas],
    )
    parts.store.partitions.replace("cells", _by_day(cells, days))


def longest_horizon(personas: tuple[Persona, ...]) -> int:
    """Days after its cohort day on which the last outcome of any unit can come."""
    goals = [persona.goal.horizon_days for persona in personas]
    guardrails = [guardrail.horizon_days for persona in personas for guardrail in persona.guardrails]
    return max([*goals, *guardrails], default=0)


def customers_before(parts: Parts, day: date) -> pa.Table:
    """The features and traits that personas use, of every customer, as they were known before ``day``."""
    features, traits = used_columns(parts)
    if are_additive(features):
        return features_before(parts, day, features=features, traits=traits)
    return parts.engine.features(
        day,
        events=parts.store.partitions.read("events", EVER, day - timedelta(days=1)),
        links=parts.store.inbox.links(),
        features=features,
        traits=traits,
    )


def used_columns(parts: Parts) -> tuple[tuple[Feature, ...], Mapping[str, Kind]]:
    """The features that rules or traits of personas use, and the kinds of the traits that rules use."""
    known = {feature.name: feature for feature in features_of(parts)}
    columns = dict(pair for persona in parts.personas for pair in parse(persona.who).columns)
    numbers: dict[str, Kind] = {trait.name: "number" for persona in parts.personas for trait in persona.traits}
    columns = numbers | columns
    feature_of = known | {denominator_of(name): feature for name, feature in known.items() if feature.of is not None}
    used = {feature_of[name].name for name in columns.keys() & feature_of.keys()}
    asked = contact_traits(parts) if parts.settings.contact else {}
    traits = {name: kind for name, kind in sorted({**asked, **columns}.items()) if name not in feature_of}
    return tuple(known[name] for name in sorted(used)), traits


def known_by(parts: Parts, day: date) -> pa.Table:
    """Who is which persona on ``day``, by what was known before it."""
    return parts.engine.members(customers_before(parts, day), personas=parts.personas)


def judged(persona: Persona) -> Persona:
    """The persona with a goal that can be folded: a value without a bound counts as whether it happens."""
    goal = persona.goal
    return persona if goal.is_value else replace(persona, goal=replace(goal, value=None, at_most=None))


def _units(parts: Parts, day: date, links: pa.Table) -> pa.Table:
    exposures = parts.store.partitions.read("exposures", day, day)
    units = parts.engine.units(
        day,
        exposures=exposures,
        earlier=parts.store.partitions.read("units", _oldest_epoch(parts, day), day - timedelta(days=1)),
        links=links,
        members=known_by(parts, day) if _some_lack_persona(exposures) else None,
    )
    return consenting(parts, units, day)


def _oldest_epoch(parts: Parts, day: date) -> date:
    """The first day on which an epoch that still runs on ``day`` may have begun."""
    assigned = {attribute.assign for persona in parts.personas for attribute in persona.attributes}
    if parts.settings.sources or not assigned <= {"day", "week"}:
        return EVER
    return day - timedelta(days=WEEK)


def _some_lack_persona(exposures: Relation) -> bool:
    if isinstance(exposures, tuple):
        return any(_some_lack_persona(pq.read_table(path, columns=["persona"])) for path in exposures)
    return bool(pc.any(pc.equal(exposures["persona"], "")).as_py())


def _by_day(cells: Cells, days: list[date]) -> dict[date, pa.Table]:
    return {day: cells.of_outcome_days(day, day).table for day in days}
