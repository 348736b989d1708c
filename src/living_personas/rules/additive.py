"""Which aggregates of many days can be put together from those of each day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import TypeVar

from living_personas.rules.aggregate import Aggregate
from living_personas.rules.tree import Column, Total

__all__ = ["AGE", "is_additive", "leaves"]

AGE = "age_days"
"""The column that is another one every day."""

_Part = TypeVar("_Part")


def is_additive(aggregate: Aggregate) -> bool:
    """Whether the aggregate of a year follows from the totals of its days.

    What is counted once however often it is seen does not add up. An age is another one every day: the lowest and the
    highest of some days are known on any later day, and nothing else of them.

    >>> from living_personas.rules.aggregate import parse_aggregate
    >>> texts = ("avg(revenue)", "count(distinct day)", "min(age_days)", "sum(age_days)", "max(age_days) - 1")
    >>> [is_additive(parse_aggregate(text)) for text in texts]
    [True, False, True, False, True]
    """
    return all(_adds_up(total) for total in leaves(aggregate.tree))


def _adds_up(total: Total) -> bool:
    if total.distinct:
        return False
    asked = total.where if total.argument == Column(name=AGE) and total.function in {"min", "max"} else total
    return not any(column.name == AGE for column in _parts(Column, asked))


def leaves(part: object) -> Iterator[Total]:
    """The totals over rows that a tree is made of."""
    return _parts(Total, part)


def _parts(kind: type[_Part], part: object) -> Iterator[_Part]:
    if isinstance(part, kind):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _parts(kind, item)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _parts(kind, getattr(part, field.name))
