"""One customer and a whole engine give the same answer: closures against DuckDB, on random rules and random rows."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.rules.closure import coerce, compile_rule
from living_personas.rules.parse import Rule, parse
from living_personas.rules.sql import coerce_sql, to_sql

NUMBERS = ["n1", "n2", "n3"]
TEXTS = ["t1", "t2", '"Üb er""n"']
BOOLEANS = ["b1", "b2"]
NAMES = [*NUMBERS, *TEXTS, *BOOLEANS]

number_words = st.sampled_from(
    "0 -0 1 2 3 -1 0.1 .5 5. 1e3 -2.5E-1 1e308 -1.7e308 1e-308 5e-324 1e400 9007199254740993 +7 nan inf x 0x1 1_0".split()
    + [" 4 ", "4\n", "\t4", "", "１", "1e", "--1"]
)
text_words = st.sampled_from(
    ["", "a", "b", "ab", "aab", "A", "Ab", "é", "e\u0301", "z", "%", "a%b", "a_b", "a\\b", "50% off", "İ", "ΑΣ", "ß"]
    + ["a\nb", "\U0001f600", "\uffff", "NL", "nl", "it's", "a^b", "1", "true", "null", " a "]
) | st.text(alphabet="ab%_\\", max_size=6)
boolean_words = st.sampled_from(["true", "false", "TRUE", "False", "1", "0", "1.0", "0.0", "", "yes", " true ", "2", "t"])

rows_of = st.fixed_dictionaries(
    {name: st.none() | words for names, words in (
        (NUMBERS, number_words), (["t1", "t2", 'Üb er"n'], text_words), (BOOLEANS, boolean_words),
    ) for name in names}
)  # fmt: skip
tables = st.lists(rows_of, min_size=60, max_size=60)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


number_literals = st.sampled_from(["0", "1", "2", "3", "0.1", ".5", "5.", "1e3", "2.5e-1", "1e308", "9007199254740993"])
text_literals = text_words.filter(lambda text: "\n" not in text).map(quoted)
patterns = st.text(alphabet="ab%_\\é^", max_size=6).map(quoted)
escaped_patterns = st.lists(st.sampled_from(["!%", "!_", "!!", "%", "_", "a", "b", "\\", "^"]), max_size=6).map(
    lambda parts: f"{quoted(''.join(parts))} escape '!'"
)
comparisons = st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="])


@st.composite
def numbers(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0:
        return draw(st.sampled_from(NUMBERS) | number_literals)
    inner = numbers(depth - 1)
    form = draw(st.integers(0, 9))
    if form <= 1:
        return draw(inner)
    if form <= 4:
        parts = [draw(inner) for _ in range(draw(st.integers(2, 4)))]
        return "(" + "".join(f"{part} {draw(st.sampled_from('+-*/'))} " for part in parts[:-1]) + f"{parts[-1]})"
    if form == 5:
        return f"- {draw(inner)}"
    if form == 6:
        return f"length({draw(texts(depth - 1))})"
    function = draw(st.sampled_from(["abs", "coalesce", "least", "greatest", "nullif"]))
    count = 1 if function == "abs" else 2 if function == "nullif" else draw(st.integers(2, 3))
    return f"{function}({', '.join(draw(inner) for _ in range(count))})"


@st.composite
def texts(draw: st.DrawFn, depth: int = 2) -> str:
    if depth == 0:
        return draw(st.sampled_from(TEXTS) | text_literals)
    inner = texts(depth - 1)
    form = draw(st.integers(0, 4))
    if form <= 1:
        return draw(inner)
    if form == 2:
        return f"lower({draw(inner)})"
    return f"{draw(st.sampled_from(['coalesce', 'nullif']))}({draw(inner)}, {draw(inner)})"


@st.composite
def predicates(draw: st.DrawFn) -> str:
    value, literal = draw(
        st.sampled_from(
            [(numbers(2), number_literals | number_literals.map(lambda text: f"-{text}")), (texts(2), text_literals)]
        )
    )
    opposite = draw(st.sampled_from(["", "not "]))
    form = draw(st.integers(0, 9))
    if form <= 3:
        return f"{draw(value)} {draw(comparisons)} {draw(value)}"
    if form == 4:
        return f"{draw(value)} {opposite}between {draw(value)} and {draw(value)}"
    if form == 5:
        return f"{draw(value)} {opposite}in ({', '.join(draw(st.lists(literal, min_size=1, max_size=4)))})"
    if form <= 7:
        return f"{draw(texts(1))} {opposite}like {draw(patterns | escaped_patterns)}"
    if form == 8:
        return f"{draw(value)} is {opposite}null"
    return draw(st.sampled_from(BOOLEANS))


@st.composite
def rules(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0:
        return draw(predicates())
    inner = rules(depth - 1)
    form = draw(st.integers(0, 9))
    if form <= 1:
        return draw(predicates())
    if form <= 5:
        word = draw(st.sampled_from([" and ", " or "]))
        return "(" + word.join(draw(st.lists(inner, min_size=2, max_size=3))) + ")"
    if form == 6:
        return f"not {draw(inner)}"
    if form == 7:
        ending = draw(st.sampled_from(["true", "false", "not true", "not false", "null", "not null"]))
        return f"({draw(inner)}) is {ending}"
    if form == 8:
        return f"({draw(inner)}) {draw(comparisons)} ({draw(inner)})"
    return draw(st.sampled_from([f"coalesce({draw(inner)}, {draw(inner)})", "true", "false", "null"]))


@pytest.fixture(scope="module")
def duck() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    return connection


def typed(rule: Rule, table: str) -> str:
    columns = [f"{coerce_sql(name, kind)} AS {name}" for name, kind in ((quote(n), k) for n, k in rule.columns)]
    return f"(SELECT {', '.join(['i', *columns])} FROM {table})"


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def fill(duck: duckdb.DuckDBPyConnection, table: list[dict[str, str | None]]) -> None:
    names = list(table[0])
    duck.execute(f"CREATE OR REPLACE TABLE loose (i INTEGER, {', '.join(f'{quote(name)} VARCHAR' for name in names)})")
    marks = ", ".join("?" * (len(names) + 1))
    duck.execute("BEGIN")
    duck.executemany(f"INSERT INTO loose VALUES ({marks})", [[i, *row.values()] for i, row in enumerate(table)])
    duck.execute("COMMIT")


@settings(max_examples=15)
@given(table=tables, texts=st.lists(rules(), min_size=25, max_size=25))
def test_closure_and_duckdb_agree(duck, table, texts):
    fill(duck, table)
    for text in texts:
        rule = parse(text)
        ask = compile_rule(rule)
        expected = [ask(row) for row in table]
        sql = to_sql(rule)
        projected = duck.execute(f"SELECT {sql} FROM {typed(rule, 'loose')} ORDER BY i").fetchall()
        assert [answer for (answer,) in projected] == expected, text
        kept = duck.execute(f"SELECT i FROM {typed(rule, 'loose')} WHERE {sql} ORDER BY i").fetchall()
        assert [i for (i,) in kept] == [i for i, answer in enumerate(expected) if answer is True], text
