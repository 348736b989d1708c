"""What was known of every customer before a day: by totals of days where features add up, by events where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.settings import Feature
from living_personas.engine_port import Answer, CustomerTables
from living_personas.loop.context import Context
from living_personas.loop.event_days.retired import events_from
from living_personas.loop.known.empty_history import empty_history
from living_personas.loop.known.totals import are_additive, features_before
from living_personas.memory.tables import EVENTS
from living_personas.rules.parse import Kind

__all__ = ["known_before"]


def known_before(
    context: Context,
    day: date,
    *,
    asked: CustomerTables[Answer],
    features: Sequence[Feature],
    traits: Mapping[str, Kind],
    links: pa.Table,
) -> Answer | pa.Table:
    """The features and traits of every customer as they were known before ``day``; ``links`` say who is who.

    Where events were dropped because of their age, a feature that does not add up is computed from those that are
    left; all others, and the traits, are what they were. ``asked`` is the engine, or what keeps its answers: but a
    table of both parts is always fetched.
    """
    first = events_from(context.store)
    if are_additive(features):
        return features_before(context, day, asked=asked, features=features, traits=traits, links=links)
    if first == date.min:
        return _by_events(context, first, day, asked=asked, features=features, traits=traits, links=links)
    additive = [feature for feature in features if are_additive([feature])]
    others = [feature for feature in features if feature not in additive]
    engine = context.engine
    known = features_before(context, day, asked=engine, features=additive, traits=traits, links=links)
    left = _by_events(context, first, day, asked=engine, features=others, traits={}, links=links)
    return _beside(known, left, features=features, others=others, traits=traits)


def _by_events(
    context: Context,
    first: date,
    day: date,
    *,
    asked: CustomerTables[Answer],
    features: Sequence[Feature],
    traits: Mapping[str, Kind],
    links: pa.Table,
) -> Answer:
    events = EVENTS.read(context.store, first, day - timedelta(days=1))
    return asked.features(day, events=events, links=links, features=features, traits=traits)


def _beside(
    known: pa.Table,
    left: pa.Table,
    *,
    features: Sequence[Feature],
    others: Sequence[Feature],
    traits: Mapping[str, Kind],
) -> pa.Table:
    """The columns of both, for the customers of the first; who is not in the second did nothing."""
    at, nothing = pc.index_in(known["customer"], value_set=left["customer"].combine_chunks()), empty_history(others)
    found = {
        name: pc.if_else(pc.is_valid(at), left[name].take(at), pa.scalar(number, pa.float64()))
        for name, number in nothing.items()
    }
    names = [name for feature in features for name, _ in feature.aggregates]
    columns = {name: found[name] if name in found else known[name] for name in names}
    return pa.table({"customer": known["customer"], **columns, **{name: known[name] for name in traits}})
