"""Features: aggregates mean in DuckDB what they mean in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.errors import InvalidRuleError, Location
from living_personas.rules.aggregate import parse_aggregate
from living_personas.rules.sql import node_sql

Rows: TypeAlias = list[dict[str, str | float | None]]

events = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["Order Completed", "Page Viewed", "it's"]),
            "revenue": st.none() | st.integers(-3, 9).map(float),
            "day": st.sampled_from(["2026-09-01", "2026-09-02"]),
            "age_days": st.integers(0, 90).map(float),
            "coupon": st.none() | st.sampled_from(["", "DEAL10"]),
        }
    ),
    max_size=8,
)
SCHEMA = pa.schema(
    {"name": pa.string(), "revenue": pa.float64(), "day": pa.string(), "age_days": pa.float64(), "coupon": pa.string()}
)


def orders(rows: Rows) -> list[float]:
    return [float(row["revenue"]) for row in rows if row["name"] == "Order Completed" and row["revenue"] is not None]


def ratio(top: float | None, bottom: float | None) -> float | None:
    return None if top is None or not bottom else top / bottom


def coupons(rows: Rows) -> int:
    return sum(row["coupon"] is not None for row in rows)


MEANINGS: dict[str, Callable[[Rows], float | None]] = {
    "count(*)": lambda rows: float(len(rows)),
    "count(*) filter (where name = 'it''s')": lambda rows: float(sum(row["name"] == "it's" for row in rows)),
    "count(distinct day)": lambda rows: float(len({row["day"] for row in rows})),
    "COUNT(coupon)": lambda rows: float(sum(row["coupon"] is not None for row in rows)),
    "sum(revenue) filter (where name = 'Order Completed')": lambda rows: sum(orders(rows)) if orders(rows) else None,
    "coalesce(sum(revenue) filter (where name = 'Order Completed'), 0)": lambda rows: sum(orders(rows)),
    "avg(revenue) filter (where name = 'Order Completed')": lambda rows: ratio(sum(orders(rows)), len(orders(rows))),
    "min(age_days)": lambda rows: min((float(row["age_days"] or 0) for row in rows), default=None),
    "max(-age_days / 2)": lambda rows: max((-float(row["age_days"] or 0) / 2 for row in rows), default=None),
    "count(*) filter (where coupon like 'DEAL%') / count(*)": lambda rows: ratio(
        sum(row["coupon"] == "DEAL10" for row in rows), len(rows)
    ),
    "-(1 + count(*)) * 2 / nullif(count(coupon), 3)": lambda rows: ratio(
        -2.0 * (1 + len(rows)), {3: None}.get(coupons(rows), coupons(rows))
    ),
    "sum(1e308) / 1e308": lambda rows: 1.0 if len(rows) == 1 else None,
}


@pytest.mark.parametrize("text", MEANINGS)
@settings(max_examples=25)
@given(rows=events)
def test_an_aggregate_means_what_it_says(text: str, rows: Rows) -> None:
    aggregate = parse_aggregate(text)
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    ((answer,),) = duckdb.from_arrow(table).aggregate(node_sql(aggregate.tree, dialect="duckdb")).fetchall()
    assert answer == MEANINGS[text](rows)
    assert answer is None or isinstance(answer, float)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("count(*)", {}),
        ("count(distinct day)", {"day": "text"}),
        ("count(distinct hour)", {"hour": "number"}),
        ("count(distinct product_id)", {"product_id": "text"}),
        ("sum(paid) filter (where name = 'x' and not late)", {"paid": "number", "name": "text", "late": "boolean"}),
        ("avg(length(query))", {"query": "text"}),
    ],
)  # fmt: skip
def test_kinds_follow_from_use_and_from_what_events_are(text: str, columns: dict[str, str]) -> None:
    assert dict(parse_aggregate(text).columns) == columns


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("revenue", "sum(revenue)"),
        ("sum(revenue) > 3", "write an operator"),
        ("sum(sum(revenue))", "one customer"),
        ("sum(revenue) filter (where sum(revenue) > 1)", "one customer"),
        ("sum(name)", "numbers"),
        ("max(time)", "numbers"),
        ("sum(vip) + sum(vip = true)", "numbers"),
        ("sum(distinct revenue)", "write"),
        ("count(distinct *)", "write"),
        ("sum(*)", "write"),
        ("count()", "write"),
        ("count(*) filter (name = 'x')", "'where'"),
        ("count(*) filter (where revenue)  + sum(revenue)", "numbers"),
        ("count(*) over ()", "windows"),
        ("median(revenue)", "did you mean"),
        ("string_agg(name)", "known:"),
        ("count(*); drop table x", "one expression"),
        ("(select 1)", "subqueries"),
        ("'a'", "an aggregate"),
        ("true", "sum(true)"),
        ("count(*) / 0", "divide"),
        ("", "write a"),
        ("count(*) and true", "an operator"),
        ("nullif(count(*) / count(*), " * 12 + "1" + ")" * 12, "declare a feature"),
    ],
)
def test_what_is_no_aggregate_is_refused(text: str, hint: str) -> None:
    where = Location(file="workspace.yaml", line=9)
    with pytest.raises(InvalidRuleError) as caught:
        parse_aggregate(text, where=where)
    assert hint in caught.value.hint
    assert caught.value.where == where
    assert "aggregate" in caught.value.message


# fmt: off
FRAGMENTS = [
    "count(", "sum(", "avg(", "min(", "max(", "filter (where", "*", "distinct", ")", ",", "a", "'x'", "=", ">", "1",
    "0", "+", "-", "/", "nullif(", "coalesce(", "and", "true", "null", "count(*)", "sum(a)",
]
# fmt: on


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map(" ".join) | st.text(max_size=40))
def test_any_text_is_an_aggregate_or_is_refused(text: str) -> None:
    try:
        aggregate = parse_aggregate(text)
    except InvalidRuleError:
        return
    types = {"number": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN"}
    nulls = ", ".join(f'CAST(NULL AS {types[kind]}) AS "{name}"' for name, kind in aggregate.columns) or "1 AS one"
    ((answer,),) = (
        duckdb.from_arrow(pa.table({"one": [1]}))
        .project(nulls)
        .aggregate(node_sql(aggregate.tree, dialect="duckdb"))
        .fetchall()
    )
    assert answer is None or float(answer) == answer
