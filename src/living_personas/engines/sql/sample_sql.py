"""What a search asks of all customers, in SQL: some of them, whom a rule holds, what they hold, how they answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from living_personas.domain.settings import Feature, denominator_of
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.expressions.event_columns import Held
from living_personas.engines.sql.members_sql import matched_sql
from living_personas.engines.sql.sql_text import identifier, literal, select_sql
from living_personas.rules.parse import parse

__all__ = ["WITNESSES", "compared_sql", "holding_sql", "sampled_sql", "values_sql", "witnesses_sql"]

WITNESSES = 6
"""Rows that tell of a feature what it holds."""


def holding_sql(rule: str, *, held: Held, columns: Sequence[str]) -> str:
    """SQL for the ``customers`` for whom a rule is true; in some ``columns``, or in all."""
    return _joined(_held_by(rule, held), columns)


def sampled_sql(rule: str, *, held: Held, salt: str, most: int) -> str:
    """SQL for so many of the ``customers`` for whom a rule is true, by a hash of each with a ``salt``."""
    hashed = f"MD5({literal(f'{salt}|')} || customer)"
    ending = f"ORDER BY {hashed}, customer LIMIT {most}"
    return _joined(select_sql(["customer"], source=f"({_held_by(rule, held)}) AS held", ending=ending))


def compared_sql(of: str, *, names: tuple[str, str], by_option: bool) -> str:
    """SQL for the ``units`` of a persona of ``customers``, whose persona is the group of each, by who is ``inside``."""
    groups = [literal(f"{name}/") for name in names]
    group = f"CASE WHEN inside.customer IS NULL THEN {groups[1]} ELSE {groups[0]} END"
    persona = f"{group} || units.option" if by_option else group
    columns = [
        f"{persona} AS persona" if name == "persona" else f"units.{identifier(name)}" for name in UNIT_SCHEMA.names
    ]
    known = "units INNER JOIN customers ON units.customer = customers.customer"
    source = f"{known} LEFT JOIN inside ON units.customer = inside.customer"
    return select_sql(columns, source=source, ending=f"WHERE units.persona = {literal(of)}")


def witnesses_sql(features: Sequence[Feature]) -> str:
    """SQL for one row: of each feature by its place, ``WITNESSES`` values, each beside that of its denominator.

    They are a number (or denominator) that is not whole; a ratio that does not say how many of so many, beside its
    denominator; the least number and the largest; and the least denominator and the largest.
    """
    found = [column for place, feature in enumerate(features) for column in _witnesses(place, feature)]
    return select_sql(found, source="customers")


def values_sql(column: str, *, least: int) -> str:
    """SQL for the values of a column that so many ``customers`` at least have, as texts in order."""
    told = f"({select_sql([f'CAST({identifier(column)} AS TEXT) AS value'], source='customers')}) AS told"
    ending = f"WHERE value IS NOT NULL GROUP BY value HAVING COUNT(*) >= {least} ORDER BY value"
    return select_sql(["value", "COUNT(*) AS n"], source=told, ending=ending)


def _held_by(rule: str, held: Held) -> str:
    matched = matched_sql([parse(rule)], held=held, customers="customers")
    return select_sql(["customer"], source=f"({matched}) AS matched", ending="WHERE r0")


def _joined(chosen: str, columns: Sequence[str] = ()) -> str:
    names = [f"customers.{identifier(each)}" for each in columns] or ["customers.*"]
    joined = f"customers INNER JOIN ({chosen}) AS chosen ON customers.customer = chosen.customer"
    return select_sql(names, source=joined)


_ROUNDING = "1e-6"


def _witnesses(place: int, feature: Feature) -> Iterator[str]:
    number, nothing = identifier(feature.name), "CAST(NULL AS DOUBLE)"
    ends = [f"{each}({number})" for each in ("MIN", "MAX")]
    if feature.of is None:
        pairs = [(each, nothing) for each in (_by(number, f"{number} <> FLOOR({number})"), nothing, *ends)]
        pairs += [(nothing, nothing)] * 2
    else:
        of = identifier(denominator_of(feature.name))
        hits = f"{number} * {of}"
        is_no_share = f"ABS({hits} - ROUND({hits})) > {_ROUNDING} OR {hits} > {of} + {_ROUNDING}"
        pairs = [(nothing, _by(of, f"{of} <> FLOOR({of})")), (_by(number, is_no_share), _by(of, is_no_share))]
        pairs += [(each, "CAST(0 AS DOUBLE)") for each in ends]
        pairs += [(nothing, f"{each}({of})") for each in ("MIN", "MAX")]
    for which, pair in enumerate(pairs):
        yield from (f"{sql} AS {name}_{place}_{which}" for name, sql in zip(("number", "of"), pair, strict=True))


def _by(column: str, condition: str) -> str:
    """The value of a column for one customer of whom a condition is true."""
    return f"MIN_BY({column}, CASE WHEN {condition} THEN customer END)"
