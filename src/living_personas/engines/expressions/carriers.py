"""Which events a property is read from: where every total asks for names, the others need not be opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from living_personas.engines.expressions.event_columns import Asked
from living_personas.rules.aggregate import Aggregate
from living_personas.rules.tree import And, Column, Compare, Constant, OneOf, Total

__all__ = ["carriers", "names_counted"]


def carriers(aggregates: Iterable[Aggregate]) -> dict[Asked, tuple[str, ...]]:
    """For each column that counts on events of some names only, these names; others are read from every event.

    A total counts no row on which its ``where`` is not true, whatever its other columns hold there.

    >>> from living_personas.rules.aggregate import parse_aggregate
    >>> spent = parse_aggregate("sum(revenue) filter (where name = 'Order Completed')")
    >>> carriers([spent])[("revenue", "number")]
    ('Order Completed',)
    >>> carriers([spent, parse_aggregate("max(revenue)")])
    {('name', 'text'): ('Order Completed',)}
    """
    asked: dict[Asked, list[tuple[str, ...] | None]] = {}
    for aggregate in aggregates:
        kinds = dict(aggregate.columns)
        for total in _totals(aggregate.tree):
            for name in _columns(total):
                asked.setdefault((name, kinds[name]), []).append(_names(total.where))
    return {
        column: tuple(sorted({name for names in many if names for name in names}))
        for column, many in asked.items()
        if None not in many
    }


def names_counted(aggregates: Iterable[Aggregate]) -> frozenset[str] | None:
    """The names of the only events that count in any total; None if one may count every event.

    >>> from living_personas.rules.aggregate import parse_aggregate
    >>> names_counted([parse_aggregate("count(*) filter (where name = 'Bob''s order')")])
    frozenset({"Bob's order"})
    >>> names_counted([parse_aggregate("count(*) filter (where name <> 'Order Completed')")]) is None
    True
    """
    many = [_names(total.where) for aggregate in aggregates for total in _totals(aggregate.tree)]
    return None if None in many else frozenset(name for names in many if names for name in names)


def _names(where: object) -> tuple[str, ...] | None:
    """The names of the events on which a condition can be true; None if it does not say."""
    match where:
        case Compare(op="=", left=Column(name="name"), right=Constant(value=str(said))):
            return (said,)
        case Compare(op="=", left=Constant(value=str(said)), right=Column(name="name")):
            return (said,)
        case OneOf(subject=Column(name="name"), options=options):
            return tuple(str(option) for option in options)
        case And(parts=parts):
            return next((names for part in parts if (names := _names(part)) is not None), None)
    return None


def _totals(part: object) -> Iterator[Total]:
    if isinstance(part, Total):
        yield part
    else:
        for below in _below(part):
            yield from _totals(below)


def _columns(part: object) -> Iterator[str]:
    if isinstance(part, Column):
        yield part.name
    for below in _below(part):
        yield from _columns(below)


def _below(part: object) -> tuple[object, ...]:
    if isinstance(part, tuple):
        return part
    if is_dataclass(part) and not isinstance(part, type):
        return tuple(getattr(part, field.name) for field in fields(part))
    return ()
