"""Which aggregates of many days can be put together from those of each day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from living_personas.rules.aggregate import Aggregate
from living_personas.rules.tree import Total

__all__ = ["is_additive", "leaves"]


def is_additive(aggregate: Aggregate) -> bool:
    """Whether the aggregate of a year follows from the totals of its days.

    What is counted once however often it is seen does not add up, and an age is another one every day.

    >>> from living_personas.rules.aggregate import parse_aggregate
    >>> [is_additive(parse_aggregate(text)) for text in ("avg(revenue)", "count(distinct day)", "min(age_days)")]
    [True, False, False]
    """
    ages = any(name == "age_days" for name, _ in aggregate.columns)
    return not ages and not any(total.distinct for total in leaves(aggregate.tree))


def leaves(part: object) -> Iterator[Total]:
    """The totals over rows that a tree is made of."""
    if isinstance(part, Total):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from leaves(item)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from leaves(getattr(part, field.name))
