"""What a rule means, and what is refused: every refusal says what, where, and what to write instead."""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.errors import InvalidRuleError, Location
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse
from living_personas.rules.sql import to_sql
from living_personas.rules.tokens import LONGEST

HOSTILE = {
    "second statement": "orders > 1; drop table events",
    "second statement, no space": "true;select 1",
    "subquery": "(select count(*) from events) > 1",
    "subquery in a list": "customer in (select customer from events)",
    "exists": "exists (select 1)",
    "union": "true union select password from users",
    "unknown function": "read_csv('/etc/passwd') is null",
    "unknown function that reads": "getenv('HOME') = 'x'",
    "unknown function, quoted": "\"read_csv\"('/etc/passwd') is null",
    "function in a schema": "main.lower(name) = 'x'",
    "aggregate": "sum(orders) > 3",
    "window": "row_number() over (order by orders) = 1",
    "window on a column": "orders over () > 1",
    "cast": "cast(orders as integer) > 1",
    "short cast": "orders::integer > 1",
    "try_cast": "try_cast(orders as integer) > 1",
    "star": "* is null",
    "star in a function": "coalesce(*) is null",
    "lambda": "list_filter(x, y -> y > 1) is null",
    "bind parameter": "orders > ?",
    "numbered parameter": "orders > $1",
    "named parameter": "orders > :n",
    "variable": "orders > @@version",
    "line comment": "orders > 1 -- and vip",
    "two minus signs": "orders > 1--1",
    "block comment": "orders > 1 /* hidden */",
    "comment of another dialect": "orders > 1 # hidden",
    "case": "case when orders > 1 then true else false end",
    "deep nesting": "(" * 33 + "true" + ")" * 33,
    "very deep nesting": "(" * 1_900,
    "many nots": "not " * 33 + "true",
    "many minus signs": "orders > " + "- " * 33 + "1",
    "doubling": "1 / (" * 14 + "x" + ")" * 14 + " > 1",
    "a long chain": "+".join("x" * 202) + " > 1",
    "too long": "x = '" + "a" * LONGEST + "'",
    "NUL": "orders > 1\x00",
    "NUL in a text": "name = 'a\x00b'",
    "lone surrogate": "name = '\ud800'",
    "bidirectional override": "name = '\u202etxt'",
    "zero-width space": "ord\u200bers > 1",
    "zero-width joiner outside quotes": "ord\u200ders > 1",
    "byte order mark": "\ufefforders > 1",
    "full-width semicolon": "orders > 1\uff1b",
    "Cyrillic letter": "\u043erders > 1",
    "curly quotes": "name = \u2018x\u2019",
    "no-break space": "orders\u00a0> 1",
    "full-width digit": "orders > \uff11",
    "jinja": "orders > {{ limit }}",
    "JSON path": "properties->>'plan' = 'pro'",
    "array": "['a'][1] = 'a'",
    "hex number": "orders > 0x1F",
    "underscored number": "orders > 1_000",
    "infinite number": "orders > 1e999",
    "interval": "interval '1' day > 2",
    "collate": "name collate nocase = 'x'",
    "at time zone": "time at time zone 'UTC' = 'x'",
    "regular expression": "name regexp '(a+)+$'",
    "concatenation": "name || 'x' = 'yx'",
    "backtick": "`orders` > 1",
    "dotted name": "customers.orders > 1",
    "is distinct from": "a is distinct from b",
    "any": "orders > any (1)",
    "row": "(a, b) = (1, 2)",
    "empty": "",
    "blank": " \n\t ",
    "empty name": '"" = 1',
    "empty list": "a in ()",
    "open string": "name = 'abc",
    "open name": 'name = "abc',
    "lonely quote": "'",
    "dangling operator": "orders >=",
    "dangling and": "orders > 1 and",
    "unbalanced": "(orders > 1",
    "unbalanced the other way": "orders > 1)",
    "chained comparison": "1 < orders < 3",
    "comparison with null": "orders = null",
    "null in a list": "orders not in (1, null)",
    "column as a pattern": "name like other",
    "long escape": "name like 'a' escape '!!'",
    "dangling escape": "name like 'a!' escape '!'",
    "escaped nothing": "name like '!a' escape '!'",
    "upper": "upper(name) = 'X'",
    "wrong number of arguments": "lower(name, name) = 'x'",
    "no arguments": "coalesce() = 1",
    "division by zero": "orders / 0 > 1",
    "number as an answer": "orders + 1",
    "text as an answer": "'yes'",
    "keyword as a column": "select > 1",
    "double equals": "orders == 1",
    "adjacent values": "orders 3",
    "trailing comma": "orders in (1, 2,)",
    "unary plus": "orders > +1",
    "two kinds": "plan > 3 and plan like 'a%'",
    "two kinds by way of another column": "a = b and a > 1 and b = 'x'",
    "mixed list": "a in (1, 'x')",
    "comparison of kinds": "length(a) = 'x'",
    "boolean arithmetic": "(a > 1) + 1 > 2",
    "names that differ in case": "Country = 'NL' or country = 'BE'",
}


@pytest.mark.promise("P30")
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_rules_are_refused_with_a_hint_and_a_place(text: str) -> None:
    where = Location(file="personas/a.yaml", line=4)
    with pytest.raises(InvalidRuleError) as caught:
        parse(text, where=where)
    assert caught.value.where == where
    assert caught.value.hint.strip()
    assert len(caught.value.message) < 250


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("orders >= ", "The text ends; a column or a value is missing at column 11", "add a column"),
        ("orders >= 2 and country == 'NL'", "'==' at column 25", "one sign"),
        ("orders >= 2\nand ?", "'?' that cannot be read at line 2, column 5", "bind parameters"),
        ("lowr(plan) = 'x'", "'lowr', at column 1", "did you mean 'lower'?"),
        ("sum(level) > 1", "'sum', at column 1", "declare a feature"),
        ("plan ilike 'x%'", "'ilike'", "lower(column) like"),
        ("level = null", "compared with null at column 7", "is null"),
        ("plan > 3 and lower(plan) = 'x'", "Column 'plan' is a number and is used as a text", "single quotes"),
    ],
)
def test_an_error_says_what_and_where_and_what_to_write(text: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidRuleError) as caught:
        parse(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("orders > 1", {"orders": "number"}),
        ("'NL' = country", {"country": "text"}),
        ("vip", {"vip": "boolean"}),
        ("vip = true or not churned", {"vip": "boolean", "churned": "boolean"}),
        ("a = b", {"a": "text", "b": "text"}),
        ("a = b and b = c and c > 1", {"a": "number", "b": "number", "c": "number"}),
        ("coalesce(a, b) is null and b > 1", {"a": "number", "b": "number"}),
        ("coalesce(vip, false)", {"vip": "boolean"}),
        ("a is null", {"a": "text"}),
        ("a between b and 3", {"a": "number", "b": "number"}),
        ("a in (true)", {"a": "boolean"}),
        ("a is not true", {"a": "boolean"}),
        ("-a < b", {"a": "number", "b": "number"}),
        ("lower(a) = b", {"a": "text", "b": "text"}),
        ("length(a) > b", {"a": "text", "b": "number"}),
        ('"select" > 1 and "a ""b" > 1', {"select": "number", 'a "b': "number"}),
        ("time > 1 and day > 1 and date > 1", {"time": "number", "day": "number", "date": "number"}),
        ("AbC IS NULL AND NOT x", {"AbC": "text", "x": "boolean"}),
        ("true", {}),
    ],
)
def test_kinds_follow_from_use(text: str, columns: dict[str, str]) -> None:
    assert dict(parse(text).columns) == columns


@pytest.mark.parametrize(
    ("text", "row", "answer"),
    [
        ("not a = 1 and b", {"a": 2, "b": True}, True),
        ("a or b and c", {"a": True, "b": False, "c": False}, True),
        ("not a or b", {"a": True, "b": True}, True),
        ("2 + 3 * 4 - 6 / 3 = x", {"x": 12}, True),
        ("10 - 4 - 3 = x and 16 / 4 / 2 = y", {"x": 3, "y": 2}, True),
        ("-2 * -3 = - - x", {"x": 6}, True),
        ("a between 1 and 3 and b", {"a": 3, "b": True}, True),
        ("a not between 1 and 3", {"a": 3}, False),
        ("a in (-1, 2)", {"a": -1}, True),
        ("a not in (1, 2)", {}, None),
        ("name like 'O''Neil%'", {"name": "O'Neill"}, True),
        ("name like '100!%%' escape '!'", {"name": "100% off"}, True),
        ("name like 'a_c'", {"name": "a\nc"}, True),
        ("name like 'A%'", {"name": "abc"}, False),
        ("a and b", {"a": None, "b": False}, False),
        ("a or b", {"a": None, "b": True}, True),
        ("a and b", {"a": None, "b": True}, None),
        ("(a > 1) is null", {}, True),
        ("a / b > 1", {"a": 1, "b": 0}, None),
        ("1 / (a / b) < 1", {"a": 1, "b": 0}, None),
        ("a * a > 1", {"a": 1e300}, None),
        ("a is not false", {"a": None}, True),
        ("name = ''", {"name": ""}, True),
        ("greatest(a, b) = 2 and least(a, b) = 2", {"a": 2}, True),
        ("a != 1", {"a": "2"}, True),
    ],
)
def test_precedence_and_null_logic_are_those_of_sql(text: str, row: dict[str, object], answer: object) -> None:
    rule = parse(text)
    typed = ", ".join(f'CAST({literal(row.get(name))} AS {TYPES[kind]}) AS "{name}"' for name, kind in rule.columns)
    table = duckdb.from_arrow(ONE).project(typed)
    assert compile_rule(rule)(row) is answer
    assert table.project(to_sql(rule)).fetchall() == [(answer,)]
    if not re.search(r"a [/*]", text):  # DuckDB itself says infinity there
        assert table.project(text).fetchall() == [(answer,)]


ONE = pa.table({"one": [1]})
TYPES = {"number": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN"}


def literal(value: object) -> str:
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


# fmt: off
FRAGMENTS = [
    "and", "or", "not", "in", "like", "between", "is", "null", "true", "false", "escape", "(", ")", ",", "+", "-", "*",
    "/", "=", "<>", "<", "<=", ">", ">=", "a", "b", '"c"', "'x'", "'%'", "1", ".5", "1e9", "lower(", "coalesce(",
    "abs(", "select", ";", "--", "::", "?", "nullif(", "least(", "union", "case", "\x00", "\ud800", "\u202e", "é", "'",
    '"', "_", ".", "[", "{{", "||", "9e999",
]
# fmt: on


@law()
@pytest.mark.promise("P30")
@given(
    st.one_of(
        st.text(max_size=80),
        st.text(st.characters(), max_size=30),
        st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(" ".join),
        st.lists(st.sampled_from([fragment for fragment in FRAGMENTS if fragment.isascii()]), max_size=12).map("".join),
    )
)
def test_any_text_is_a_rule_or_is_refused_and_a_rule_runs(text: str) -> None:
    try:
        rule = parse(text)
    except InvalidRuleError:
        return
    assert compile_rule(rule)({}) in (True, False, None)
    nulls = ", ".join(f'CAST(NULL AS {TYPES[kind]}) AS "{name}"' for name, kind in rule.columns) or "1 AS one"
    assert duckdb.from_arrow(ONE).project(nulls).project(to_sql(rule)).fetchall() == [(compile_rule(rule)({}),)]


@given(st.permutations(["a > 1", "b = 'x'", "c", "d like 'x%'", "a < e"]))
def test_columns_do_not_depend_on_the_order_of_the_parts(parts: list[str]) -> None:
    assert dict(parse(" and ".join(parts)).columns) == {
        "a": "number", "b": "text", "c": "boolean", "d": "text", "e": "number"
    }  # fmt: skip
