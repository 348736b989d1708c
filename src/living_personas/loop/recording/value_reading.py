"""How a workspace reads the values of events: what its files say, and what its first file has shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import numpy as np

from living_personas.domain.event import IDENTIFY
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.moment import day_as
from living_personas.domain.money import Money
from living_personas.domain.number_uses import NumberUses
from living_personas.domain.settings import Feature, Metric
from living_personas.engines.expressions.carriers import carriers
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import features_of
from living_personas.memory.records import EARLIEST
from living_personas.rules.aggregate import EVENT_KINDS, PROPERTY, parse_aggregate
from living_personas.rules.parse import parse
from living_personas.sources.intake import Intake
from living_personas.sources.local_times import Micros

__all__ = ["BACK", "has_earliest", "intake_of", "money_of", "note_earliest", "number_uses", "values_judged"]

_DAY = 86_400_000_000
AHEAD = timedelta(days=1)
"""How far a clock may be ahead of ours: a day, as a date may be tomorrow's elsewhere."""

BACK = timedelta(days=3 * 365 + 1)
"""How long before the median of the first file an event may have happened, unless the workspace says `earliest`."""


def intake_of(context: Context, *, received: datetime) -> Intake:
    """How events that are received now are read."""
    first = context.settings.earliest or EARLIEST.read(context.store)
    return Intake(
        nobody=context.settings.nobody.words,
        numbers=number_uses(context),
        money=money_of(context),
        earliest=day_as(first, zone=context.zone, role="exposure") if first else None,
        latest=received + AHEAD,
    )


def note_earliest(context: Context, times: Iterable[Micros]) -> None:
    """Write down, once in a workspace's life, before when nothing can have happened: by the times of its first file.

    It is a date, so that of the ``times`` (microseconds since 1970) no more than their days are kept.
    """
    rows_of = Counter[int]()
    for some in times:
        days, rows = np.unique(some // _DAY, return_counts=True)
        rows_of.update(dict(zip(days.tolist(), rows.tolist(), strict=True)))
    if rows_of:
        in_order = sorted(rows_of)
        middle = np.searchsorted(np.cumsum([rows_of[day] for day in in_order]), (rows_of.total() + 1) // 2)
        EARLIEST.write(context.store, date(1970, 1, 1) + timedelta(days=in_order[middle]) - BACK)


def has_earliest(context: Context) -> bool:
    """Whether it is known before when nothing can have happened."""
    return context.settings.earliest is not None or EARLIEST.read(context.store) is not None


def number_uses(context: Context) -> NumberUses:
    """Which properties goals, metrics, guardrails, features, traits and rules read as numbers."""
    by_event: dict[str, set[str]] = {}
    for event, name in (*values_judged(context), *_asked(features_of(context)), *_described(context)):
        by_event.setdefault(event, set()).add(name)
    return NumberUses(by_event={event: frozenset(names) for event, names in by_event.items()})


def money_of(context: Context) -> Money:
    """The currencies of the values that goals and metrics sum; of two for one property the goal's."""
    found: dict[str, dict[str, str]] = {}
    judged: list[Goal | Metric] = [*(persona.goal for persona in context.personas), *context.settings.metrics]
    for each in judged:
        if each.value is not None and each.currency is not None:
            found.setdefault(each.event, {}).setdefault(each.value, each.currency)
    undeclared: dict[str, frozenset[str]] = {}
    for event, name in values_judged(context):
        if name not in found.get(event, {}):
            undeclared[event] = undeclared.get(event, frozenset()) | {name}
    return Money(by_event=found, rates=context.settings.rates or {}, undeclared=undeclared)


def values_judged(context: Context) -> Iterator[tuple[str, str]]:
    """The values of outcomes that are summed, as event and property."""
    settings = context.settings
    judged: list[Goal | Guardrail | Metric] = [persona.goal for persona in context.personas]
    judged += [rail for persona in context.personas for rail in persona.guardrails]
    judged += [*settings.metrics, *settings.guardrails]
    yield from ((each.event, each.value) for each in judged if each.value is not None)


def _asked(features: Iterable[Feature]) -> Iterator[tuple[str, str]]:
    """What features read: on events of some names, or on every one."""
    for feature in features:
        for text in filter(None, (feature.sql, feature.of)):
            aggregate = parse_aggregate(text)
            read_from = carriers([aggregate])
            for column in aggregate.columns:
                if column[1] == "number" and column[0] not in EVENT_KINDS:
                    yield from ((event, column[0].removeprefix(PROPERTY)) for event in read_from.get(column, ("",)))


def _described(context: Context) -> Iterator[tuple[str, str]]:
    """What rules and traits of personas read of customers, beside features."""
    features = {feature.name for feature in features_of(context)}
    for persona in context.personas:
        names = {name for name, kind in parse(persona.who).columns if kind == "number"}
        described = names | {trait.name for trait in persona.traits}
        yield from ((IDENTIFY, name) for name in sorted(described - features))
