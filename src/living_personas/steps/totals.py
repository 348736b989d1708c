"""What every customer did until a day, without reading every event again: totals of spans of days are kept.

Spans are 1, 4, 16, ... days long and begin where whole spans of their length do, so the days before any day are a few
spans, and a new day costs the same after two years as after two weeks. A span is made from those below it, a day from
its events; each remembers of which events it was made, and is made anew when late data changes them.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256

import pyarrow as pa

from living_personas.domain.persona import EVER
from living_personas.domain.settings import Feature
from living_personas.domain.value import value
from living_personas.ports import Relation
from living_personas.rules.additive import is_additive
from living_personas.rules.aggregate import parse_aggregate
from living_personas.rules.parse import Kind
from living_personas.steps.parts import Parts
from living_personas.steps.tables import table_of

__all__ = ["are_additive", "features_before"]

TOTALS = "totals"
"""The fact that says of which events each span was made, and the beginning of the kinds of partition of spans."""

STEP = 4
"""A span is so many of those below it."""

LONGEST = 256


def are_additive(features: Sequence[Feature]) -> bool:
    """Whether all these features can be put together from totals of spans."""
    texts = (text for feature in features for text in (feature.sql, feature.of) if text is not None)
    return all(is_additive(parse_aggregate(text)) for text in texts)


def features_before(parts: Parts, day: date, *, features: Sequence[Feature], traits: Mapping[str, Kind]) -> pa.Table:
    """The features and traits of every customer as they were known before ``day``; the features are additive."""
    made = _Made(parts, features, traits)
    spans: dict[int | None, Relation] = {}
    end = day
    for back in sorted({each.days_back for each in features if each.days_back is not None}):
        spans[back] = made.between(day - timedelta(days=back), end)
        end = day - timedelta(days=back)
    spans[None] = made.between(EVER, end)
    return parts.engine.features_of(spans, links=parts.store.inbox.links(), features=features, traits=traits)


@value
class _Span:
    """So many days from the first one on."""

    first: date
    days: int

    @property
    def kind(self) -> str:
        return f"{TOTALS}_{self.days}"

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

    def __init__(self, parts: Parts, features: Sequence[Feature], traits: Mapping[str, Kind]) -> None:
        self._parts, self._features, self._traits = parts, features, traits
        self._etags = parts.store.partitions.etags("events")
        self._days = list(self._etags)
        block = parts.store.facts.get(TOTALS)
        known: dict[str, dict[str, str]] = json.loads(block) if block else {}
        self._of = sha256(repr((tuple(features), tuple(traits.items()))).encode()).hexdigest()
        self._known = known.get(self._of, {})

    def between(self, first: date, end: date) -> Relation:
        """The totals of the spans that cover the days from ``first`` to before ``end``."""
        if not self._days:
            return ()
        spans = [span for span in _covering(max(first, self._days[0]), end) if self._etag(span)]
        if not all(map(self._is_fresh, spans)):
            with self._parts.store.commit():
                for span in spans:
                    self._make(span)
                self._parts.store.facts.set({TOTALS: json.dumps({self._of: self._known}, sort_keys=True).encode()})
        return _together([self._read(span) for span in spans])

    def _make(self, span: _Span) -> None:
        """Make a span, and those below it, unless they are fresh or nothing happened in them."""
        if not self._etag(span) or self._is_fresh(span):
            return
        if span.days == 1:
            events = self._parts.store.partitions.read("events", span.first, span.first)
            totals = self._parts.engine.totals(events, features=self._features, traits=self._traits)
        else:
            for below in span.below():
                self._make(below)
            held = [self._read(below) for below in span.below() if self._etag(below)]
            totals = self._parts.engine.added(_together(held), features=self._features, traits=self._traits)
        self._parts.store.partitions.replace(span.kind, {span.first: totals})
        self._known[span.key] = self._etag(span)

    def _is_fresh(self, span: _Span) -> bool:
        return self._known.get(span.key) == self._etag(span)

    def _etag(self, span: _Span) -> str:
        """Of which events the span is to be made; nothing if there are none."""
        first, end = (bisect_left(self._days, day) for day in (span.first, span.end))
        held = "".join(f"{day}={self._etags[day]} " for day in self._days[first:end])
        return sha256(held.encode()).hexdigest()[:16] if held else ""

    def _read(self, span: _Span) -> Relation:
        return self._parts.store.partitions.read(span.kind, span.first, span.first)


def _covering(first: date, end: date) -> Iterator[_Span]:
    """The longest spans that cover the days from ``first`` to before ``end``."""
    while first < end:
        days = LONGEST
        while first.toordinal() % days or first + timedelta(days=days) > end:
            days //= STEP
        yield _Span(first=first, days=days)
        first += timedelta(days=days)


def _together(relations: Sequence[Relation]) -> Relation:
    """Several relations as one."""
    if any(isinstance(relation, pa.Table) for relation in relations):
        return pa.concat_tables([table_of(relation) for relation in relations if relation])
    return tuple(path for relation in relations for path in relation if isinstance(path, str))
