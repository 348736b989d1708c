"""What was known of customers when a span of days began, and who was who then: looked up once for each beginning."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.settings import Feature, denominator_of
from living_personas.engine_port import Answer, CustomerTables, Engine, Rows
from living_personas.loop.context import Context
from living_personas.loop.event_days.events_of import linked
from living_personas.loop.event_days.seen import features_of
from living_personas.loop.folding.fold import used_columns
from living_personas.loop.known.known_before import known_before
from living_personas.loop.known.known_then import beginning
from living_personas.rules.parse import Kind
from living_personas.rules.withheld import withheld

__all__ = ["KnownOfUnits", "known_of_units", "open_names"]

_KEPT = 3
"""Days of which it is kept what was known: days follow each other."""


class KnownOfUnits:
    """What was known then of those who have units, in the engine that holds what was known of everybody.

    Whoever is linked to another id later is still whom it was when it came: a link may be what an option brought about.
    All features and traits are known, or some by their ``names``.
    """

    def __init__(self, context: Context, names: Collection[str] | None = None) -> None:
        features, traits = features_of(context), _traits(context)
        if names is not None:
            features = tuple(each for each in features if each.name in names)
            texts = sorted(set(names) - {each.name for each in features})
            traits = {name: traits.get(name, "text") for name in texts}
        self._context, self._features, self._traits = context, features, traits
        self._held: dict[date, _Held] = {}

    def about(self, ids: pa.Array | pa.ChunkedArray, day: date) -> tuple[pa.Table, pa.Array]:
        """Features and traits of some ids' customers before ``day``, and the row of each id; null if it has none."""
        held = self._looked_up(day)
        who = linked(ids, held.links)
        table = held.engine.rows_of(held.customers, ids=pa.table({"id": pc.unique(who)}))
        table = _without_denominators(table, self._features)
        return table, pc.index_in(who, value_set=table["customer"].combine_chunks())

    def values(self, column: str, day: date, *, least: int) -> pa.Table:
        """The values that so many of all customers at least had before ``day``, as texts (``value``, ``n``)."""
        held = self._looked_up(day)
        return held.engine.values(held.customers, column=column, least=least)

    def some(self, day: date, *, most: int) -> pa.Table:
        """What was known before ``day`` of so many customers, by a hash of each; of all if there are no more."""
        held = self._looked_up(day)
        return held.engine.sampled(held.customers, rule="true", salt=str(day), most=most)

    def close(self) -> None:
        """Let the engine forget what it holds."""
        while self._held:
            self._held.popitem()[1].conversation.close()

    def _looked_up(self, day: date) -> _Held:
        if day not in self._held:
            while len(self._held) >= _KEPT:
                self._held.pop(min(self._held)).conversation.close()
            with ExitStack() as stack:
                engine, kept = stack.enter_context(self._context.engine.keeping())
                customers, links = _known(self._context, day, asked=kept, features=self._features, traits=self._traits)
                held = _Held(conversation=stack.pop_all(), engine=engine, customers=customers, links=links)
                self._held[day] = held
        return self._held[day]


@contextmanager
def known_of_units(context: Context, names: Collection[str] | None = None) -> Iterator[KnownOfUnits]:
    """What was known of those who have units, for as long as it is asked."""
    known = KnownOfUnits(context, names)
    try:
        yield known
    finally:
        known.close()


def open_names(context: Context) -> frozenset[str]:
    """The features and traits that may be asked about: those that are known, but for what is protected."""
    features = features_of(context)
    known = frozenset(feature.name for feature in features) | _traits(context).keys()
    return known - withheld(context.settings, features)


def _traits(context: Context) -> Mapping[str, Kind]:
    """The traits that rules use, by the kinds they use them as, and all others that are declared, as texts."""
    settings, features = context.settings, {feature.name for feature in features_of(context)}
    declared = (*settings.traits, *(trait for source in settings.sources for trait in source.traits))
    _, used = used_columns(context)
    texts: dict[str, Kind] = {name: "text" for name in declared if name not in features}
    return dict(sorted({**texts, **used}.items()))


def _known(
    context: Context,
    day: date,
    *,
    asked: CustomerTables[Answer],
    features: Sequence[Feature],
    traits: Mapping[str, Kind],
) -> tuple[Answer | pa.Table, pa.Table]:
    """What was known of everybody before a day, and who was who then."""
    links = context.store.inbox.links(before=beginning(context, day))
    return known_before(context, day, asked=asked, features=features, traits=traits, links=links), links


def _without_denominators(customers: pa.Table, features: Sequence[Feature]) -> pa.Table:
    return customers.drop_columns([denominator_of(each.name) for each in features if each.of is not None])


class _Held(NamedTuple):
    """A conversation with the engine, and what was known of everybody in it."""

    conversation: ExitStack
    engine: Engine
    customers: Rows
    links: pa.Table
