"""One customer and a whole engine give the same answer: closures against DuckDB, on random rules and random rows."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings

from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse
from living_personas.rules.sql import coerce_sql, to_sql
from rules.made_rules import BOOLEAN_WORDS, NAMES, NUMBER_WORDS, TEXT_WORDS, rules


def cell(row: int, column: int) -> str | None:
    """A loose value; a fifth of them are missing, and no two columns go together."""
    words = NUMBER_WORDS if column < 3 else TEXT_WORDS if column < 6 else BOOLEAN_WORDS
    choices = [*words, *[None] * (len(words) // 4)]
    return choices[(row * (2 * column + 3) + row // (column + 2)) % len(choices)]


ROWS = [{name: cell(row, column) for column, name in enumerate(NAMES)} for row in range(300)]


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def loose() -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(f"CREATE TABLE loose (i INTEGER, {', '.join(f'{quote(name)} VARCHAR' for name in NAMES)})")
    connection.executemany(
        "INSERT INTO loose VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [[i, *row.values()] for i, row in enumerate(ROWS)]
    )
    return connection.table("loose")


@pytest.mark.long
@settings(max_examples=150)
@given(text=rules())
def test_closure_and_duckdb_agree(loose: duckdb.DuckDBPyRelation, text: str) -> None:
    rule = parse(text)
    ask = compile_rule(rule)
    expected = [ask(row) for row in ROWS]
    columns = [f"{coerce_sql(quote(name), kind)} AS {quote(name)}" for name, kind in rule.columns]
    typed = loose.project(", ".join(["i", *columns]))
    answers = typed.project(f"i, {to_sql(rule)}").order("i").fetchall()
    assert [answer for _, answer in answers] == expected
    kept = typed.filter(to_sql(rule)).project("i").order("i").fetchall()
    assert [i for (i,) in kept] == [i for i, answer in enumerate(expected) if answer is True]
