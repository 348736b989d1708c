"""What every customer did until a day, without reading every event again: totals of spans of days are kept.

Spans are 1, 4, 16, ... days long and begin where whole spans of their length do, so the days before any day are a few
spans, and a new day costs the same after two years as after two weeks. A span is made from those below it, a day from
its events; each remembers of which events it was made, and is made anew when late data changes them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256

import pyarrow as pa

from living_personas.domain.persona import EVER
from living_personas.domain.settings import Feature
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.relations import together
from living_personas.memory.records import TOTALS_MADE
from living_personas.memory.table import Table
from living_personas.memory.tables import EVENTS, TOTALS
from living_personas.ports import Relation
from living_personas.rules.additive import is_additive
from living_personas.rules.aggregate import parse_aggregate
from living_personas.rules.parse import Kind

__all__ = ["SPANS", "are_additive", "features_before"]

STEP = 4
"""A span is so many of those below it."""

LONGEST = 256

SPANS = tuple(STEP**n for n in range(5))
"""How many days spans have."""


def are_additive(features: Sequence[Feature]) -> bool:
    """Whether all these features can be put together from totals of spans."""
    texts = (text for feature in features for text in (feature.sql, feature.of) if text is not None)
    return all(is_additive(parse_aggregate(text)) for text in texts)


def features_before(
    context: Context,
    day: date,
    *,
    features: Sequence[Feature],
    traits: Mapping[str, Kind],
    links: pa.Table | None = None,
) -> pa.Table:
    """The features and traits of every customer as they were known before ``day``; the features are additive.

    ``links`` say who is who; those of now unless given.
    """
    who = context.store.inbox.links() if links is None else links
    made = _Made(context, features, traits)
    spans: dict[int | None, Relation] = {}
    end = day
    for back in sorted({each.days_back for each in features if each.days_back is not None}):
        spans[back] = made.between(day - timedelta(days=back), end)
        end = day - timedelta(days=back)
    spans[None] = made.between(EVER, end)
    return context.engine.features_of(spans, links=who, features=features, traits=traits)


@value
class _Span:
    """So many days from the first one on."""

    first: date
    days: int

    @property
    def table(self) -> Table:
        return TOTALS.of(str(self.days))

    @property
    def key(self) -> str:
        return f"{self.first}/{self.days}"

    @property
    def end(self) -> date:
        """The day after its last."""
        return self.first + timedelta(days=self.days)

    def below(self) -> tuple[_Span, ...]:
        """The spans that it is made of."""
        days = self.days // STEP
        return tuple(_Span(first=self.first + timedelta(days=n * days), days=days) for n in range(STEP))


class _Made:
    """The spans that were made of these features and traits, and how to make more."""

    def __init__(self, context: Context, features: Sequence[Feature], traits: Mapping[str, Kind]) -> None:
        self._context, self._features, self._traits = context, features, traits
        self._etags = EVENTS.etags(context.store)
        self._days = list(self._etags)
        self._of = sha256(repr((tuple(features), tuple(traits.items()))).encode()).hexdigest()
        self._known = (TOTALS_MADE.read(context.store) or {}).get(self._of, {})

    def between(self, first: date, end: date) -> Relation:
        """The totals of the spans that cover the days from ``first`` to before ``end``."""
        if not self._days:
            return ()
        spans = [span for span in _covering(max(first, self._days[0]), end) if self._etag(span)]
        if not all(map(self._is_fresh, spans)):
            with self._context.store.commit():
                for span in spans:
                    self._make(span)
                TOTALS_MADE.write(self._context.store, {self._of: dict(sorted(self._known.items()))})
        return together([self._read(span) for span in spans])

    def _make(self, span: _Span) -> None:
        """Make a span, and those below it, unless they are fresh or nothing happened in them."""
        if not self._etag(span) or self._is_fresh(span):
            return
        if span.days == 1:
            events = EVENTS.read(self._context.store, span.first, span.first)
            totals = self._context.engine.totals(events, features=self._features, traits=self._traits)
        else:
            for below in span.below():
                self._make(below)
            held = [self._read(below) for below in span.below() if self._etag(below)]
            totals = self._context.engine.added(together(held), features=self._features, traits=self._traits)
        span.table.replace(self._context.store, {span.first: totals})
        self._known[span.key] = self._etag(span)

    def _is_fresh(self, span: _Span) -> bool:
        return self._known.get(span.key) == self._etag(span)

    def _etag(self, span: _Span) -> str:
        """Of which events the span is to be made; nothing if there are none."""
        first, end = (bisect_left(self._days, day) for day in (span.first, span.end))
        held = "".join(f"{day}={self._etags[day]} " for day in self._days[first:end])
        return sha256(held.encode()).hexdigest()[:16] if held else ""

    def _read(self, span: _Span) -> Relation:
        return span.table.read(self._context.store, span.first, span.first)


def _covering(first: date, end: date) -> Iterator[_Span]:
    """The longest spans that cover the days from ``first`` to before ``end``."""
    while first < end:
        days = LONGEST
        while first.toordinal() % days or first + timedelta(days=days) > end:
            days //= STEP
        yield _Span(first=first, days=days)
        first += timedelta(days=days)
