"""Features by way of totals are those of all events, whatever comes late and whoever turns out to be the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.persona import EVER
from living_personas.domain.settings import Feature
from living_personas.loop.context import Context
from living_personas.loop.totals import are_additive, features_before
from living_personas.rules.parse import Kind
from loop.shops import context_of

START = date(2026, 5, 1)
DAYS = 24
FEATURES = (
    Feature(name="orders", sql="count(*) filter (where name = 'Order Completed')"),
    Feature(name="orders 3d", sql="count(*) filter (where name = 'Order Completed')", within=timedelta(hours=50)),
    Feature(name="lowest", sql="min(revenue)", within=timedelta(days=9)),
    Feature(name="mean", sql="avg(revenue)"),
    Feature(name="aov", sql="sum(revenue)", of="count(revenue)", within=timedelta(days=3)),
    Feature(name="late", sql="count(*) filter (where hour >= 22) / count(*)"),
)
TRAITS: dict[str, Kind] = {"country": "text", "age": "number"}
LINKS = {"anonymous": "ann"}

rows = st.builds(
    lambda number, customer, name, offset, hour, properties: {
        "message_id": f"m{number}",
        "customer": customer,
        "also": "",
        "name": name,
        "time": datetime(2026, 5, 1, hour, tzinfo=UTC) + timedelta(days=offset),
        "day": START + timedelta(days=offset),
        "hour": hour,
        "channel": "web",
        "properties": json.dumps(properties),
    },
    number=st.integers(0, 10**6),
    customer=st.sampled_from(["ann", "bob", "anonymous"]),
    name=st.sampled_from(["Order Completed", "identify"]),
    offset=st.integers(0, DAYS - 1),
    hour=st.integers(0, 23),
    properties=st.dictionaries(
        st.sampled_from(["revenue", "country", "age"]), st.sampled_from([0.1, 19.99, 7, "3", "x", None]), max_size=3
    ),
)


@pytest.mark.long
@settings(max_examples=12)
@given(
    batches=st.lists(st.lists(rows, min_size=1, max_size=8), min_size=1, max_size=3),
    days=st.lists(st.integers(0, DAYS), min_size=3, max_size=3),
)
def test_totals_say_what_events_say(batches: Sequence[Sequence[dict[str, object]]], days: Sequence[int]) -> None:
    context = context_of()
    links = pa.table({"id": list(LINKS), "customer": list(LINKS.values())})
    # As if the linking events had come.
    context.store.inbox.links = lambda *_, **__: links  # type: ignore[method-assign]
    for batch, offset in zip(batches, days, strict=False):
        add(context, batch)
        day = START + timedelta(days=offset)
        found = features_before(context, day, features=FEATURES, traits=TRAITS)
        events = context.store.partitions.read("events", EVER, day - timedelta(days=1))
        expected = context.engine.features(day, events=events, links=links, features=FEATURES, traits=TRAITS)
        assert found.to_pylist() == expected.to_pylist()
        assert found.schema == expected.schema


def test_a_day_is_read_once() -> None:
    context = context_of()
    read: list[date] = []
    totals = context.engine.totals

    def counted(events: pa.Table, **asked: object) -> pa.Table:
        read.extend(set(events["day"].to_pylist()))
        return totals(events, **asked)  # type: ignore[arg-type]

    context.engine.totals = counted  # type: ignore[method-assign]
    for offset in range(20):
        add(context, [event(offset)])
        features_before(context, START + timedelta(days=offset + 1), features=FEATURES, traits=TRAITS)
    assert sorted(read) == [START + timedelta(days=offset) for offset in range(20)]
    add(context, [event(5, "late")])
    features_before(context, START + timedelta(days=21), features=FEATURES, traits=TRAITS)
    assert read[20:] == [START + timedelta(days=5)]
    features_before(context, START + timedelta(days=21), features=FEATURES[:2], traits=TRAITS)
    assert len(read) == 41


def test_what_is_counted_once_is_not_additive() -> None:
    assert are_additive(FEATURES)
    assert not are_additive([*FEATURES, Feature(name="days", sql="count(distinct day)")])
    assert not are_additive([Feature(name="rate", sql="count(*)", of="max(age_days)")])


def add(context: Context, batch: Sequence[dict[str, object]]) -> None:
    """Put events into their days, beside what these hold."""
    for day in {row["day"] for row in batch}:
        assert isinstance(day, date)
        new = pa.Table.from_pylist([row for row in batch if row["day"] == day], schema=EVENT_SCHEMA)
        held = context.store.partitions.read("events", day, day)
        table = pa.concat_tables([held, new]) if isinstance(held, pa.Table) else new
        context.store.partitions.replace("events", {day: table})


def event(offset: int, message_id: str = "m") -> dict[str, object]:
    day = START + timedelta(days=offset)
    return dict.fromkeys(EVENT_SCHEMA.names, "") | {
        "message_id": f"{message_id}{offset}",
        "customer": "ann",
        "name": "Order Completed",
        "time": datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        "day": day,
        "hour": 12,
        "properties": json.dumps({"revenue": 0.1}),
    }
