"""Protected traits and features, and what is computed from them: no segment is found, named or advised by any."""

from __future__ import annotations

from collections.abc import Iterable

from living_personas.domain.settings import Feature, Settings, denominator_of
from living_personas.rules.aggregate import EVENT_KINDS, PROPERTY, parse_aggregate
from living_personas.rules.parse import parse

__all__ = ["uses_protected", "withheld"]


def withheld(settings: Settings, features: Iterable[Feature]) -> frozenset[str]:
    """The protected names, and every feature (with its denominator) that is computed from what is called like one.

    >>> settings = Settings(name="acme", salt="a salt of many letters", protected=("sex",))
    >>> women = Feature(name="women", sql="max(1) filter (where sex = 'f')")
    >>> sorted(withheld(settings, [women, Feature(name="orders", sql="count(*)")]))
    ['sex', 'women', 'women__of']
    """
    protected = frozenset(settings.protected)
    made = {each.name for each in features if each.name in protected or protected & _asked(each)} if protected else ()
    return protected | frozenset(made) | frozenset(map(denominator_of, made))


def uses_protected(settings: Settings, features: Iterable[Feature], rule: str) -> tuple[str, ...]:
    """The names of a rule that are protected, or computed from what is."""
    kept = withheld(settings, features)
    return tuple(name for name, _ in parse(rule).columns if name in kept) if kept else ()


def _asked(feature: Feature) -> frozenset[str]:
    """The properties of events that a feature asks for."""
    texts = [text for text in (feature.sql, feature.of) if text is not None]
    columns = [name for text in texts for name, _ in parse_aggregate(text).columns]
    return frozenset(name.removeprefix(PROPERTY) for name in columns if name not in EVENT_KINDS)
