"""The columns that rules and aggregates ask for, each as the kind that it is used as."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeAlias, TypeVar

from living_personas.engines.sql.sql_text import identifier
from living_personas.rules.sql import coerce_sql
from living_personas.rules.tree import Column, Kind

__all__ = ["Asked", "Held", "Part", "placed", "places", "rebuilt", "typed_sql"]

Asked: TypeAlias = tuple[str, Kind]
"""A column, and the kind it is used as: two rules may read the same column as two kinds."""

Held: TypeAlias = Mapping[str, Kind | None]
"""The columns there are: a kind if the column already has its type, None if it must be read as text."""

Part = TypeVar("Part")


def places(asked: Iterable[tuple[Asked, ...]]) -> dict[Asked, str]:
    """A name of its own for every column and kind; engines that fold case cannot confuse them.

    >>> places([(("spend", "number"), ("Spend", "number")), (("spend", "text"),)])
    {('spend', 'number'): 'c0', ('Spend', 'number'): 'c1', ('spend', 'text'): 'c2'}
    """
    distinct = dict.fromkeys(column for columns in asked for column in columns)
    return {column: f"c{index}" for index, column in enumerate(distinct)}


def placed(part: Part, columns: tuple[Asked, ...], names: Mapping[Asked, str]) -> Part:
    """A rule's or aggregate's tree that calls its columns by the names of ``places``.

    >>> from living_personas.rules.parse import parse
    >>> from living_personas.rules.sql import node_sql
    >>> rule = parse("spend >= 2")
    >>> node_sql(placed(rule.tree, rule.columns, places([rule.columns])), dialect="duckdb")
    '("c0" >= 2e0)'
    """
    kinds = dict(columns)
    return _renamed(part, {name: names[name, kind] for name, kind in kinds.items()})


def rebuilt(part: Part, change: Callable[[Any], Any]) -> Part:
    """A part of a tree with everything directly below it changed: trees are frozen values of values and tuples."""
    if isinstance(part, tuple):
        return type(part)(change(item) for item in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{field.name: change(getattr(part, field.name)) for field in fields(part)})
    return part


def typed_sql(name: str, kind: Kind, *, held: Held) -> str:
    """A column as this kind; one that the table lacks is NULL.

    >>> typed_sql("vip", "boolean", held={"vip": "boolean"}), typed_sql("vip", "text", held={})
    ('"vip"', 'CAST(NULL AS TEXT)')
    """
    if name not in held:
        return f"CAST(NULL AS {_TYPES[kind]})"
    column = identifier(name)
    if held[name] != kind:
        return coerce_sql(f"CAST({column} AS TEXT)", kind)
    if kind == "number":
        return f"CASE WHEN ABS(CAST({column} AS DOUBLE)) <= {_LARGEST} THEN CAST({column} AS DOUBLE) END"
    return column


_TYPES: dict[Kind, str] = {"number": "DOUBLE", "text": "TEXT", "boolean": "BOOLEAN"}
_LARGEST = "1.7976931348623157e308"  # NaN and infinity are beyond it


def _renamed(part: Part, names: Mapping[str, str]) -> Part:
    if isinstance(part, Column):
        return replace(part, name=names[part.name])
    return rebuilt(part, lambda below: _renamed(below, names))
