"""Step 2: days of events become units and cells. Whole days are replaced, so late data and re-runs are safe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.deciding.next_snapshot import WEEK
from living_personas.domain.cell import Cells
from living_personas.domain.contact import TIME_ZONE
from living_personas.domain.persona import EVER, Persona, longest_wait
from living_personas.domain.settings import Feature, denominator_of
from living_personas.engine_port import Answer, CustomerTables, Engine, Ref
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.event_days.seen import features_of
from living_personas.loop.folding.vouched_exposures import counting_exposures
from living_personas.loop.known.empty_history import empty_history
from living_personas.loop.known.ignoring import rule_columns, told_apart
from living_personas.loop.known.known_before import known_before
from living_personas.loop.known.known_then import beginning, linked_on
from living_personas.loop.learning.caps import caps_between, with_cap
from living_personas.loop.privacy.consent import consenting
from living_personas.loop.relations import row_count, table_of
from living_personas.memory.tables import CELLS, ERASED_CELLS, EVENTS, UNITS
from living_personas.ports import Relation
from living_personas.rules.parse import Kind
from living_personas.workspace.default_features import not_done_yet

__all__ = [
    "customers_before",
    "fold_cells",
    "fold_days",
    "fold_units",
    "folded",
    "judged",
    "used_columns",
]


def fold_days(context: Context, first: date, last: date) -> None:
    """Make the units and cells of the days ``first`` to ``last`` anew."""
    if last < first:
        return
    fold_units(context, first, last)
    fold_cells(context, first, last)


def fold_units(context: Context, first: date, last: date) -> None:
    """Make the units of the days ``first`` to ``last`` anew."""
    links = context.store.inbox.links()
    days = list(between(first, last))
    for number, day in enumerate(days):
        context.progress(number, len(days), "units")
        _fold_units(context, day, links)


def fold_cells(context: Context, first: date, last: date) -> None:
    """Make the cells of the days ``first`` to ``last`` anew, from the units that there are and the caps of their days.

    Units of days on which a goal still waited for its cap are in none.
    """
    days = (last - first).days + 1
    context.progress(days, days, "cells")
    reach = longest_wait(context.personas)
    units, events = (each.read(context.store, first - reach, last) for each in (UNITS, EVENTS))
    cells = folded(context, first, last, units=units, events=events)
    gone = ERASED_CELLS.read(context.store, first, last)
    if gone:  # who was erased goes on counting as it did
        cells += Cells(table=table_of(gone))
    CELLS.replace(context.store, {day: cells.of_outcome_days(day, day).table for day in between(first, last)})


def folded(context: Context, first: date, last: date, *, units: Relation, events: Relation) -> Cells:
    """The cells of the outcome days ``first`` to ``last`` that these units and events make."""
    reach = longest_wait(context.personas)
    return context.engine.fold(
        first,
        last,
        units=units,
        events=events,
        links=context.store.inbox.links(),
        personas=[judged(context, persona) for persona in context.personas],
        caps=caps_between(context, first - reach, last),
    )


def customers_before(
    context: Context, day: date, *, asked: CustomerTables[Answer], links: pa.Table | None = None
) -> Answer | pa.Table:
    """The features and traits that personas use, of every customer, as they were known before ``day``.

    ``asked`` is the engine, or what keeps its answers; ``links`` say who is who, those of now unless given.
    """
    features, traits = used_columns(context)
    who = context.store.inbox.links() if links is None else links
    return known_before(context, day, asked=asked, features=features, traits=traits, links=who)


def used_columns(context: Context) -> tuple[tuple[Feature, ...], Mapping[str, Kind]]:
    """The features that rules or traits of personas use, and the kinds of the traits that rules use."""
    asked = rule_columns(context)
    known = {feature.name: feature for feature in (*_undone(context, asked), *features_of(context))}
    numbers: dict[str, Kind] = {trait.name: "number" for persona in context.personas for trait in persona.traits}
    columns = numbers | asked
    feature_of = known | {denominator_of(name): feature for name, feature in known.items() if feature.of is not None}
    used = {feature_of[name].name for name in columns.keys() & feature_of.keys()}
    clock: dict[str, Kind] = {TIME_ZONE: "text"} if context.settings.contact else {}
    traits = {name: kind for name, kind in sorted({**clock, **columns}.items()) if name not in feature_of}
    return tuple(known[name] for name in sorted(used)), traits


def _undone(context: Context, names: Iterable[str]) -> tuple[Feature, ...]:
    """The default features that rules ask for, of events that nobody did yet."""
    settings = context.settings
    if settings.features:
        return ()
    told = {*settings.traits, *(trait for source in settings.sources for trait in source.traits)}
    return not_done_yet(name for name in names if name not in told)


def judged(context: Context, persona: Persona) -> Persona:
    """The persona with a goal that can be counted: a value whose cap is not fixed yet as whether it happens."""
    known = with_cap(context, persona)
    goal = known.goal
    return known if goal.is_value else replace(known, goal=replace(goal, value=None, at_most=None))


def _fold_units(context: Context, day: date, links: pa.Table) -> None:
    exposures = counting_exposures(context, day)
    earlier = UNITS.read(context.store, _oldest_epoch(context, day), day - timedelta(days=1))
    with context.engine.keeping() as (engine, kept):
        members = _members_then(context, day, exposures, engine, kept) if _are_asked_for(context, exposures) else None
        units = kept.units(day, exposures=exposures, earlier=earlier, links=links, members=members)
        owners = _owners(context, engine.counts(units, by=("persona", "attribute")))
        consents = consenting(context, units, day, engine=engine)
        if owners.num_rows or consents.left_out.num_rows or consents.willing is not None:
            told = {"left_out": consents.left_out, "willing": consents.willing}
            units = kept.counting_units(units, owners=owners, **told)
        UNITS.replace(context.store, {day: engine.written(units, UNITS.schema, by=UNITS.key)})


def _owners(context: Context, units: pa.Table) -> pa.Table:
    """Which other persona the attributes of some units are chosen for: what a part does not own is the whole's."""
    pairs = units.select(["persona", "attribute"])
    owned = pairs.append_column("owner", _of_their_owners(context, pairs)["persona"])
    return owned.filter(pc.not_equal(owned["owner"], owned["persona"]))


def _of_their_owners(context: Context, units: pa.Table) -> pa.Table:
    parts = [version.persona for version in context.store.versions.latest() if version.persona.split_of]
    for part in parts:
        owned = pa.array([attribute.name for attribute in part.attributes], pa.string())
        inherits = pc.and_(
            pc.equal(units["persona"], part.id), pc.invert(pc.is_in(units["attribute"], value_set=owned))
        )
        place = units.schema.get_field_index("persona")
        owners = pc.if_else(inherits, part.split_of, units["persona"])
        units = units.set_column(place, units.schema.field(place), owners)
    return units


def _are_asked_for(context: Context, exposures: Relation) -> bool:
    """Whether it matters who was whom: where an exposure names no persona, or somebody may be ignored."""
    return bool(context.settings.ignore) or row_count(exposures, pc.field("persona") == "") > 0


def _members_then(context: Context, day: date, exposures: Relation, engine: Engine, kept: CustomerTables[Ref]) -> Ref:
    """Which persona held the persona-less of a day's exposures at the moment of each: what the desk answered then.

    Where the workspace ignores anybody, it says so of all.
    """
    links = context.store.inbox.links(before=beginning(context, day))
    customers = customers_before(context, day, asked=kept, links=links)
    features, traits = used_columns(context)
    return kept.members_then(
        exposures,
        customers=customers,
        empty=empty_history(features),
        said=EVENTS.read(context.store, day, day),
        traits=traits,
        links=links,
        linked=linked_on(context, day, links=links, with_rows=partial(engine.with_rows, customers)),
        personas=told_apart(context),
    )


def _oldest_epoch(context: Context, day: date) -> date:
    """The first day on which an epoch that still runs on ``day`` may have begun."""
    assigned = {attribute.assign for persona in context.personas for attribute in persona.attributes}
    if context.settings.sources or not assigned <= {"day", "week"}:
        return EVER
    return day - timedelta(days=WEEK)
