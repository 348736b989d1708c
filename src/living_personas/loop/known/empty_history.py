"""A customer of whom nothing is known has an empty history: what each feature is over no events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from living_personas.domain.settings import Feature, denominator_of
from living_personas.rules.aggregate import parse_aggregate
from living_personas.rules.closure import over_nothing

__all__ = ["empty_history"]


def empty_history(features: Iterable[Feature]) -> Mapping[str, float | None]:
    """The features, by the columns that they are, of whoever did nothing yet: counts are 0, sums and shares NULL."""
    return {name: number for feature in features for name, number in _nothing(feature)}


@lru_cache(maxsize=512)
def _nothing(feature: Feature) -> tuple[tuple[str, float | None], ...]:
    number = over_nothing(parse_aggregate(feature.sql))
    if feature.of is None:
        return ((feature.name, number),)
    whole = over_nothing(parse_aggregate(feature.of))
    share = number / whole if number is not None and whole else None
    return ((feature.name, share), (denominator_of(feature.name), whole))
