"""A loose value is read as its text would be, in Python and in DuckDB alike."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import inf, nan

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.rules.closure import coerce
from living_personas.rules.sql import coerce_sql
from living_personas.rules.tree import Kind

KINDS: tuple[Kind, ...] = ("number", "text", "boolean")
numberish = st.text(alphabet="0123456789+-.eE _xinfa\u0661\uff11\n\t\u00a0", max_size=12)
scientific = st.builds(
    "{}{}e{}".format, st.sampled_from(["", "-", "+"]), st.integers(0, 10**20), st.integers(-400, 400)
)
booleanish = st.text(alphabet="trueFALSE10. ", max_size=6) | st.sampled_from(
    ["true", "FALSE", "1", "0", " True ", "1.0", "\ttrue", "1\n", "\u00a00", "\u2003true", "true\u3000", "\x1c1"]
)
anything = st.text(st.characters(codec="utf-8"), max_size=12)
longs = st.sampled_from(["9" * 400, "0" * 400 + "1", "0." + "0" * 400 + "1", "1" * 309, "1" * 308])
floats = st.floats(allow_nan=False, allow_infinity=False).map(repr)


@settings(max_examples=40)
@given(st.lists(numberish | scientific | booleanish | anything | longs | floats, min_size=50, max_size=100))
def test_sql_coerces_every_string_as_python_does(texts: list[str]) -> None:
    raw = duckdb.from_arrow(pa.table({"raw": texts}))
    rows = raw.project(", ".join(coerce_sql("raw", kind) for kind in KINDS)).fetchall()
    assert rows == [tuple(coerce(text, kind) for kind in KINDS) for text in texts]


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53).map(float), min_size=20)
)
def test_a_number_is_the_same_text_in_both(numbers: list[float]) -> None:
    rows = duckdb.execute("SELECT CAST(unnest(?::DOUBLE[]) AS VARCHAR)", [numbers]).fetchall()
    assert [text for (text,) in rows] == [coerce(number, "text") for number in numbers]


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8), st.sampled_from(KINDS))
def test_a_value_is_read_as_its_text(value: object, kind: Kind) -> None:
    assert coerce(value, kind) == coerce(coerce(value, "text"), kind)


@pytest.mark.parametrize(
    ("value", "coerced"),
    [
        (3, (3.0, "3", None)),
        (True, (None, "true", True)),
        (1.0, (1.0, "1.0", True)),
        (Decimal("2.50"), (2.5, "2.50", None)),
        (date(2026, 9, 3), (None, "2026-09-03", None)),
        (nan, (None, None, None)),
        (-inf, (None, None, None)),
        (10**400, (None, "1" + "0" * 400, None)),
        (["a", 1], (None, '["a",1]', None)),
        ({"a": None}, (None, '{"a":null}', None)),
        ("", (None, "", None)),
        ("Infinity", (None, "Infinity", None)),
        ("1,5", (None, "1,5", None)),
        (" FALSE ", (None, " FALSE ", False)),
    ],
)
def test_values_of_other_types(value: object, coerced: tuple[object, object, object]) -> None:
    assert tuple(coerce(value, kind) for kind in KINDS) == coerced


def test_a_number_of_thousands_of_digits_is_no_crash() -> None:
    assert [coerce(10**5000, kind) for kind in KINDS] == [None, None, None]
