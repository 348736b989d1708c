"""Features against Python over the same events."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.settings import Feature
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.errors import EngineError
from living_personas.rules.closure import coerce

ENGINE = DuckDBEngine(threads=2)
START = datetime(2026, 5, 4, tzinfo=UTC)
AS_OF = date(2026, 5, 8)

Row = dict[str, object]

FEATURES = (
    Feature(name="orders", sql="count(*) filter (where name = 'Order Completed')"),
    Feature(name="orders 2d's", sql="count(*) filter (where name = 'Order Completed')", within=timedelta(days=2)),
    Feature(name="spend", sql="sum(revenue) filter (where name = 'Order Completed')"),
    Feature(name="lower", sql="max(revenue)", within=timedelta(hours=30)),
    Feature(name="upper", sql='max("Revenue")'),
    Feature(name="aov", sql="sum(revenue)", of="count(revenue)", within=timedelta(days=2)),
    Feature(name="hostile", sql='count(distinct "a.b\'""~/$")'),
    Feature(name="late", sql="count(*) filter (where hour >= 22)", of="count(*)"),
    Feature(name="per deal", sql="count(*)", of="count(*) filter (where deal)"),
    Feature(name="days", sql="count(distinct day)"),
    Feature(name="recency", sql="min(age_days)"),
    Feature(name="flags", sql="count(*) filter (where deal)"),
)
TRAITS = {"country": "text", "age": "number", "vip": "boolean"}


@st.composite
def event_rows(draw: st.DrawFn) -> Row:
    time = START + timedelta(hours=draw(st.integers(0, 5 * 24 - 1)))
    loose = st.sampled_from([None, 1, 2.5, "3", " 4 ", "x", "1_0", True, "true", 0, [1], {"a": None}, ""])
    properties = st.dictionaries(
        st.sampled_from(["revenue", "Revenue", "a.b'\"~/$", "deal", "country", "age", "vip"]), loose, max_size=4
    )
    return {
        "customer": draw(st.sampled_from(["ann", "bob", "anonymous"])),
        "also": "",
        "name": draw(st.sampled_from(["Order Completed", "identify", "Seen"])),
        "time": time,
        "day": time.date(),
        "hour": time.hour,
        "channel": "web",
        "properties": json.dumps(draw(properties)),
    }


@pytest.mark.long
@settings(max_examples=40)
@given(
    rows=st.lists(event_rows(), max_size=12),
    ids=st.permutations([f"m{number}" for number in range(12)]),
    links=st.sampled_from([{}, {"anonymous": "ann"}]),
)
def test_features_are_their_aggregates(rows: list[Row], ids: list[str], links: dict[str, str]) -> None:
    rows = [row | {"message_id": name} for row, name in zip(rows, ids, strict=False)]
    found = computed(rows, links)
    assert found.column_names == [
        "customer",
        *(name for each in FEATURES for name in ([each.name, f"{each.name}__of"] if each.of else [each.name])),
        *TRAITS,
    ]
    mine: dict[str, list[Row]] = {}
    for row in rows:
        if str(row["day"]) < str(AS_OF):
            mine.setdefault(links.get(str(row["customer"]), str(row["customer"])), []).append(row)
    assert found["customer"].to_pylist() == sorted(mine)
    for row in found.to_pylist():
        assert {name: row[name] for name in row if name != "customer"} == pytest.approx(expected(mine[row["customer"]]))


def expected(rows: Sequence[Row]) -> Row:
    """What each feature means, for one customer's events."""
    orders = [row for row in rows if row["name"] == "Order Completed"]
    recent = [row for row in rows if age(row) <= 2]
    told = known(recent, "revenue", "text")  # what is only counted is a text, whatever it says
    deals = sum(value is True for value in known(rows, "deal", "boolean"))
    late = sum(int(str(row["hour"])) >= 22 for row in rows)
    worth = known(recent, "revenue")
    return {
        "orders": len(orders),
        "orders 2d's": sum(age(row) <= 2 for row in orders),
        "spend": total(known(orders, "revenue"), sum),
        "lower": total(worth, max),
        "upper": total(known(rows, "Revenue"), max),
        "aov": sum(worth) / len(told) if worth else None,
        "aov__of": len(told),
        "hostile": len(set(known(rows, "a.b'\"~/$", "text"))),
        "late": late / len(rows),
        "late__of": len(rows),
        "per deal": len(rows) / deals if deals else None,
        "per deal__of": deals,
        "days": len({row["day"] for row in rows}),
        "recency": min(map(age, rows)),
        "flags": deals,
        **{name: last(rows, name, kind) for name, kind in TRAITS.items()},
    }


def age(row: Row) -> int:
    day = row["day"]
    assert isinstance(day, date)
    return (AS_OF - day).days


def known(rows: Sequence[Row], name: str, kind: str = "number") -> list[float]:
    values = (coerce(json.loads(str(row["properties"])).get(name), kind) for row in rows)  # type: ignore[arg-type]
    return [value for value in values if value is not None]  # type: ignore[misc]


def total(values: Sequence[float], sum_up: Callable[[Sequence[float]], float]) -> float | None:
    return sum_up(values) if values else None


def last(rows: Sequence[Row], name: str, kind: str) -> object:
    told = [
        row for row in rows if row["name"] == "identify" and json.loads(str(row["properties"])).get(name) is not None
    ]
    latest = max(told, key=lambda row: (str(row["time"]), row["message_id"]), default=None)
    return None if latest is None else next(iter(known([latest], name, kind)), None)


def computed(rows: Sequence[Row], links: dict[str, str]) -> pa.Table:
    return ENGINE.features(
        AS_OF,
        events=pa.Table.from_pylist(list(rows), schema=EVENT_SCHEMA),
        links=pa.table(
            {"id": pa.array(list(links), pa.string()), "customer": pa.array(list(links.values()), pa.string())}
        ),
        features=FEATURES,
        traits=TRAITS,
    )


def test_without_features_customers_are_still_known() -> None:
    rows = [
        dict.fromkeys(EVENT_SCHEMA.names, "")
        | {"customer": "ann", "properties": "{}", "time": START, "day": START.date(), "hour": 0}
    ]
    events = pa.Table.from_pylist(rows, schema=EVENT_SCHEMA)
    links = pa.table({"id": pa.array([], pa.string()), "customer": pa.array([], pa.string())})
    assert ENGINE.features(AS_OF, events=events, links=links, features=(), traits={}).to_pylist() == [
        {"customer": "ann"}
    ]
    assert ENGINE.features(AS_OF, events=(), links=links, features=(), traits={}).num_rows == 0


def test_a_kind_that_is_none_is_refused() -> None:
    links = pa.table({"id": pa.array([], pa.string()), "customer": pa.array([], pa.string())})
    with pytest.raises(EngineError, match="nunber") as caught:
        ENGINE.features(AS_OF, events=(), links=links, features=(), traits={"age": "nunber"})
    assert "number" in caught.value.hint
