"""Who is who: the first persona, in order of priority, whose rule is true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.decision import UNMATCHED
from living_personas.domain.persona import Persona
from living_personas.engines.expressions.event_columns import Held, placed, places, typed_sql
from living_personas.engines.sql.sql_text import canonical_sql, identifier, literal, select_sql
from living_personas.rules.parse import Rule, parse
from living_personas.rules.sql import coerce_sql, node_sql
from living_personas.rules.tree import Kind

__all__ = ["matched_sql", "matching_sql", "members_sql"]


def members_sql(
    personas: Sequence[Persona], *, held: Held, customers: str = "customers", known_by: str = CUSTOMER
) -> str:
    """SQL for ``customer``, ``persona`` and how many rules ``matches``.

    Parameters
    ----------
    held
        The columns of the table ``customers``.
    known_by
        The column with the id that each is known by; rules ask for its canonical form.
    """
    ranked = sorted(personas, key=lambda persona: persona.rank)
    rules = [parse(persona.who) for persona in ranked]
    first = " ".join(f"WHEN r{index} THEN {literal(persona.id)}" for index, persona in enumerate(ranked))
    named = f"CASE {first} ELSE {literal(UNMATCHED)} END" if ranked else literal(UNMATCHED)
    matches = " + ".join(f"CASE WHEN r{index} THEN 1 ELSE 0 END" for index in range(len(ranked))) or "0"
    columns = ['"customer"', f'{named} AS "persona"', f'CAST({matches} AS BIGINT) AS "matches"']
    matched = matched_sql(rules, held=held, customers=customers, known_by=canonical_sql(identifier(known_by)))
    return select_sql(columns, source=f"({matched}) AS matched")


def matching_sql(rule: str, *, held: Held) -> str:
    """SQL for how many ``customers`` of each ``persona`` a rule is true for."""
    matched = matched_sql([parse(rule)], held=held, customers="customers", also=["persona"])
    columns = ['"persona"', 'COUNT(*) AS "customers"']
    return select_sql(
        columns, source=f"({matched}) AS matched", ending='WHERE r0 GROUP BY "persona" ORDER BY "persona"'
    )


def matched_sql(
    rules: Sequence[Rule], *, held: Held, customers: str, also: Iterable[str] = (), known_by: str = '"customer"'
) -> str:
    """SQL for ``customer``, the columns ``also``, and the truth of each rule as ``r0``, ``r1``, ...

    ``known_by`` is SQL for what rules ask for as ``customer``.
    """
    names = places(rule.columns for rule in rules)
    kept = ['"customer"', *map(identifier, also)]
    typed = [f"{_typed_sql(name, kind, held, known_by)} AS {place}" for (name, kind), place in names.items()]
    asked = [
        f"{node_sql(placed(rule.tree, rule.columns, names), dialect='duckdb')} AS r{index}"
        for index, rule in enumerate(rules)
    ]
    texts = [f"CAST({column} AS TEXT) AS {column}" for column in kept]
    read = select_sql([*texts, *typed], source=identifier(customers))
    return select_sql([*kept, *asked], source=f"({read}) AS typed")


def _typed_sql(name: str, kind: Kind, held: Held, known_by: str) -> str:
    if name == CUSTOMER:
        return coerce_sql(f"CAST({known_by} AS TEXT)", kind)
    return typed_sql(name, kind, held=held)
