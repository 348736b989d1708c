"""What every customer did until a day, without reading every event again: totals of spans of days are kept.

Spans are 1, 4, 16, ... days long and begin where whole spans of their length do, so the days before any day are a few
spans, and a new day costs the same after two years as after two weeks. A span is made from those below it, a day from
its events; each remembers of which events it was made, and is made anew when late data changes them.

Totals are kept by aggregate and by trait: no rule is in them, and no window. An aggregate that is new is made of all
days that there are, into a further file of each span; the others stay what they are.

Before the events of a day are dropped because of their age, all that is declared is made of it (``make_for_good``). No
aggregate is made of such a day again: one that is new then is counted from the first day that is kept. Traits are, as
what customers said of themselves is kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256

import pyarrow as pa

from living_personas.domain.persona import EVER
from living_personas.domain.settings import Feature
from living_personas.domain.value import value
from living_personas.engine_port import Answer, CustomerTables, Engine, Ref
from living_personas.loop.context import Context
from living_personas.loop.event_days.retired import events_seen
from living_personas.loop.event_days.seen import KNOWN_DAYS, features_of
from living_personas.loop.relations import together
from living_personas.memory.records import TOTALS_MADE
from living_personas.memory.retired_records import RETIRED, RETIRED_DAYS
from living_personas.memory.table import Table
from living_personas.memory.tables import EVENTS, TOTALS
from living_personas.ports import Relation, Store
from living_personas.rules.additive import is_additive
from living_personas.rules.aggregate import parse_aggregate
from living_personas.rules.parse import Kind

__all__ = ["MOST_FILES", "SPAN_FILES", "are_additive", "days_told", "features_before", "make_for_good"]

STEP = 4
"""A span is so many of those below it."""

LONGEST = 256

MOST_FILES = 4
"""How many files a span has at most: then they are put together into one."""


def are_additive(features: Sequence[Feature]) -> bool:
    """Whether all these features can be put together from totals of spans."""
    return all(is_additive(parse_aggregate(sql)) for feature in features for _, sql in feature.aggregates)


def features_before(
    context: Context,
    day: date,
    *,
    asked: CustomerTables[Answer],
    features: Sequence[Feature],
    traits: Mapping[str, Kind],
    links: pa.Table | None = None,
) -> Answer:
    """The features and traits of every customer as they were known before ``day``; the features are additive.

    ``asked`` is the engine, or what keeps its answers; ``links`` say who is who, those of now unless given. Totals are
    kept of all that is declared: a rule may come to use it.
    """
    who = context.store.inbox.links() if links is None else links
    made = _Made(context, _Asked.of((*features, *_counted_features(context)), {**_declared_traits(context), **traits}))
    spans: dict[int | None, Relation] = {}
    end = day
    for back in sorted({each.days_back for each in features if each.days_back is not None}):
        spans[back] = made.between(day - timedelta(days=back), end)
        end = day - timedelta(days=back)
    spans[None] = made.between(EVER, end)
    return asked.features_of(day, spans=spans, links=who, features=features, traits=traits)


def make_for_good(context: Context, days: Sequence[date], *, traits: Mapping[str, Kind]) -> None:
    """Make totals of these days of all features that there are, and of all traits: their events are dropped next."""
    features = [feature for feature in (*features_of(context), KNOWN_DAYS) if are_additive([feature])]
    made = _Made(context, _Asked.of(features, {**_declared_traits(context), **traits}))
    with context.store.commit():
        made.make_days(days)


def days_told(context: Context, features: Sequence[Feature]) -> Mapping[str, date | None]:
    """For each feature, the last day with dropped events of which no total tells; None where each does.

    Of a feature that does not add up, none tells.
    """
    dropped = sorted(RETIRED_DAYS.read(context.store) or {})
    made = _Made(context, _Asked.of([feature for feature in features if are_additive([feature])], {}))
    found: dict[str, date | None] = {}
    for feature in features:
        told = _Asked.of([feature], {}).names if are_additive([feature]) else None
        lacking = (day for day in reversed(dropped) if told is None or not told <= made.told_of(day))
        found[feature.name] = next(lacking, None)
    return found


def _counted_features(context: Context) -> Iterator[Feature]:
    return (feature for feature in context.settings.features if are_additive([feature]))


def _declared_traits(context: Context) -> dict[str, Kind]:
    """The traits that are declared; of which kind they are is no matter of totals, which hold texts."""
    settings = context.settings
    return dict.fromkeys((*settings.traits, *(name for source in settings.sources for name in source.traits)), "text")


@value
class _Asked:
    """Aggregates and traits by the names that totals of them have."""

    aggregates: Mapping[str, Feature]
    traits: Mapping[str, tuple[str, Kind]]

    @classmethod
    def of(cls, features: Sequence[Feature], traits: Mapping[str, Kind]) -> _Asked:
        """What these features are made of, whatever their names and windows are; and these traits."""
        texts = dict.fromkeys(sql for feature in features for _, sql in feature.aggregates)
        return cls(
            aggregates={name: Feature(name=name, sql=sql) for sql in texts for name in [_digest(sql)]},
            traits={f"t{_digest(name)}": (name, kind) for name, kind in traits.items()},
        )

    @property
    def names(self) -> frozenset[str]:
        return frozenset((*self.aggregates, *self.traits))

    def only(self, names: Collection[str]) -> _Asked:
        """Those of these names."""
        return _Asked(
            aggregates={name: each for name, each in self.aggregates.items() if name in names},
            traits={name: each for name, each in self.traits.items() if name in names},
        )


@value
class _Span:
    """So many days from the first one on."""

    first: date
    days: int

    @property
    def end(self) -> date:
        """The day after its last."""
        return self.first + timedelta(days=self.days)

    @property
    def files(self) -> tuple[_File, ...]:
        """The files that it may have."""
        return tuple(_File(span=self, name=name) for name in _names_of(self.days))

    def below(self) -> tuple[_Span, ...]:
        """The spans that it is made of; none if it is a day."""
        days = self.days // STEP
        return tuple(_Span(first=self.first + timedelta(days=n * days), days=days) for n in range(STEP)) if days else ()


@value
class _File:
    """One of the files of a span: each has the same customers, and other aggregates and traits of them."""

    span: _Span
    name: str

    @property
    def table(self) -> Table:
        return TOTALS.of(self.name)

    @property
    def key(self) -> str:
        return f"{self.span.first}/{self.name}"

    def read(self, store: Store) -> Relation:
        return self.table.read(store, self.span.first, self.span.first)

    def write(self, store: Store, totals: Relation) -> None:
        self.table.replace(store, {self.span.first: totals})


class _Made:
    """The files of spans that were made, and how to make those of what is asked that are not."""

    def __init__(self, context: Context, asked: _Asked) -> None:
        self._context, self._asked = context, asked
        self._etags = events_seen(context.store)
        self._retired = RETIRED_DAYS.read(context.store) or {} if RETIRED.read(context.store) is not None else {}
        self._days = list(self._etags)
        held = TOTALS_MADE.read(context.store) or {}
        self._told = {
            key: (frozenset(told.split()), etag) for told, files in held.items() for key, etag in files.items()
        }

    def between(self, first: date, end: date) -> Relation:
        """The totals of the spans that cover the days from ``first`` to before ``end``."""
        if not self._days:
            return ()
        spans = [span for span in _covering(max(first, self._days[0]), end) if self._etag(span)]
        lacking = [span for span in spans if self._lacks(span, self._asked)]
        if lacking:
            with self._context.store.commit():
                for span in lacking:
                    self._make(span, self._asked)
                self._remember()
        return together([self._read(span, self._asked) for span in spans])

    def make_days(self, days: Sequence[date]) -> None:
        """Make what is asked of each of these days."""
        for day in days:
            self._make(_Span(first=day, days=1), self._asked)
        self._remember()

    def told_of(self, day: date) -> frozenset[str]:
        """What the files of a day tell of, of what is asked."""
        return self._tells(_Span(first=day, days=1))

    def _make(self, span: _Span, asked: _Asked) -> None:
        """Make what a span lacks of what is asked, and the spans below it; nothing if nothing happened in it."""
        if self._etag(span) and self._lacks(span, asked):
            missing = asked.only(self._makeable(span, asked) - self._tells(span))
            for each in span.below():
                self._make(each, missing)
            with self._context.engine.keeping() as (engine, kept):
                self._keep(span, missing, self._totals(span, missing, engine, kept), engine, kept)

    def _totals(self, span: _Span, asked: _Asked, engine: Engine, kept: CustomerTables[Ref]) -> Relation:
        below = [each for each in span.below() if self._etag(each)]
        if below:
            return self._added([self._read(each, asked) for each in below], asked, engine, kept)
        events = EVENTS.read(self._context.store, span.first, span.first)
        return engine.written(kept.totals(events, features=[*asked.aggregates.values()], traits=_kinds(asked)))

    def _added(self, totals: Sequence[Relation], asked: _Asked, engine: Engine, kept: CustomerTables[Ref]) -> Relation:
        rows = together(totals)
        return engine.written(kept.added(rows, features=[*asked.aggregates.values()], traits=_kinds(asked)))

    def _keep(self, span: _Span, asked: _Asked, totals: Relation, engine: Engine, kept: CustomerTables[Ref]) -> None:
        """Put totals into a file of a span beside those that it has; into one with them if there is no more room."""
        beside = self._fresh(span, self._asked)
        free = [file for file in span.files if file not in beside]
        if not free:
            everything = self._asked.only(self._tells(span) | asked.names)
            held = [totals, *(file.read(self._context.store) for file in beside)]
            totals = self._added(held, everything, engine, kept)
            asked, beside, free = everything, (), list(span.files)
        place, *others = free
        place.write(self._context.store, totals)
        self._told[place.key] = (asked.names, self._etag(span))
        for file in others:
            if self._told.pop(file.key, None):
                file.write(self._context.store, ())

    def _lacks(self, span: _Span, asked: _Asked) -> bool:
        is_made = self._is_retired(span) or self._fresh(span, asked)
        return not is_made or not self._makeable(span, asked) <= self._tells(span)

    def _makeable(self, span: _Span, asked: _Asked) -> frozenset[str]:
        """What can be made of a span, of what is asked: of a day whose events were dropped, the traits alone."""
        return frozenset(asked.traits) if self._is_retired(span) else asked.names

    def _is_retired(self, span: _Span) -> bool:
        return span.days == 1 and span.first in self._retired

    def _tells(self, span: _Span) -> frozenset[str]:
        """What the files of a span tell of."""
        return frozenset[str]().union(*(self._told[file.key][0] for file in self._fresh(span, self._asked)))

    def _fresh(self, span: _Span, asked: _Asked) -> tuple[_File, ...]:
        """The files that were made of all events of a span, and tell something that is asked, or of nothing else.

        Of a day whose events were dropped these are all: nothing else knows who did something on it.
        """
        etag, wanted = self._etag(span), frozenset[str]() if self._is_retired(span) else asked.names
        told = ((file, *self._told.get(file.key, (frozenset[str](), ""))) for file in span.files)
        return tuple(file for file, names, of in told if of == etag and (names & wanted or not wanted))

    def _etag(self, span: _Span) -> str:
        """Of which events the span is to be made; nothing if there are none."""
        first, end = (bisect_left(self._days, day) for day in (span.first, span.end))
        held = "".join(f"{day}={self._etags[day]} " for day in self._days[first:end])
        return sha256(held.encode()).hexdigest()[:16] if held else ""

    def _read(self, span: _Span, asked: _Asked) -> Relation:
        return together([file.read(self._context.store) for file in self._fresh(span, asked)])

    def _remember(self) -> None:
        made: dict[str, dict[str, str]] = {}
        for key, (names, etag) in sorted(self._told.items()):
            made.setdefault(" ".join(sorted(names)), {})[key] = etag
        TOTALS_MADE.write(self._context.store, dict(sorted(made.items())))


def _covering(first: date, end: date) -> Iterator[_Span]:
    """The longest spans that cover the days from ``first`` to before ``end``."""
    while first < end:
        days = LONGEST
        while first.toordinal() % days or first + timedelta(days=days) > end:
            days //= STEP
        yield _Span(first=first, days=days)
        first += timedelta(days=days)


def _kinds(asked: _Asked) -> dict[str, Kind]:
    return dict(asked.traits.values())


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _names_of(days: int) -> tuple[str, ...]:
    """What the files of a span of so many days are called: the first one by the days alone."""
    return (str(days), *(f"{days}_{number}" for number in range(2, MOST_FILES + 1)))


SPAN_FILES = tuple(name for n in range(5) for name in _names_of(STEP**n))
"""What the files of spans are called."""
