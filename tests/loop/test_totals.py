"""Features by way of totals are those of all events, whatever comes late and whoever turns out to be the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import law
from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.persona import EVER
from living_personas.domain.settings import Feature
from living_personas.engine_port import Ref
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.sql_customer_tables import SqlCustomerTables
from living_personas.loop.context import Context
from living_personas.loop.known.totals import MOST_FILES, SPAN_FILES, are_additive, features_before
from living_personas.loop.relations import table_of
from living_personas.memory.tables import EVENTS, TOTALS
from living_personas.rules.parse import Kind
from living_personas.stores.sqlite.store import SqliteStore
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
    Feature(name="known", sql="max(age_days) - 1"),
    Feature(name="recency", sql="min(age_days) filter (where name = 'Order Completed')", within=timedelta(days=9)),
)
TRAITS: dict[str, Kind] = {"country": "text", "age": "number"}
LINKS = {"anonymous": "ann"}


def rows_of(days: int) -> st.SearchStrategy[dict[str, object]]:
    """Events of the first days."""
    return st.builds(
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
        offset=st.integers(0, days - 1),
        hour=st.integers(0, 23),
        properties=st.dictionaries(
            st.sampled_from(["revenue", "country", "age"]), st.sampled_from([0.1, 19.99, 7, "3", "x", None]), max_size=3
        ),
    )


@pytest.mark.long
@settings(max_examples=12)
@given(
    batches=st.lists(st.lists(rows_of(DAYS), min_size=1, max_size=8), min_size=1, max_size=3),
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
        found = features_before(context, day, asked=context.engine, features=FEATURES, traits=TRAITS)
        events = context.store.partitions.read("events", EVER, day - timedelta(days=1))
        expected = context.engine.features(day, events=events, links=links, features=FEATURES, traits=TRAITS)
        assert found.to_pylist() == expected.to_pylist()
        assert found.schema == expected.schema


def test_a_day_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    context = replace(context_of(), engine=DuckDBEngine())
    read: list[date] = []
    totals = SqlCustomerTables.totals

    def counted(asked: SqlCustomerTables[Ref], events: pa.Table, **about: Any) -> Ref:
        read.extend(set(events["day"].to_pylist()))
        return totals(asked, events, **about)

    monkeypatch.setattr(SqlCustomerTables, "totals", counted)
    for offset in range(20):
        add(context, [event(offset)])
        features_before(
            context, START + timedelta(days=offset + 1), asked=context.engine, features=FEATURES, traits=TRAITS
        )
    assert sorted(read) == [START + timedelta(days=offset) for offset in range(20)]
    add(context, [event(5, "late")])
    features_before(context, START + timedelta(days=21), asked=context.engine, features=FEATURES, traits=TRAITS)
    assert read[20:] == [START + timedelta(days=5)]
    assert len(read) == 21


def test_an_edited_feature_reads_its_own_history_and_an_edited_rule_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is declared is there for rules; another window or name is no other feature; the new is made alone."""
    declared = replace(context_of().settings, features=FEATURES, traits=("country", "city"))
    context = replace(context_of(), settings=declared, engine=DuckDBEngine())
    add(context, [event(offset) for offset in range(20)])
    day, made = START + timedelta(days=20), asked_of(monkeypatch)

    def night(*features: Feature, traits: dict[str, Kind]) -> list[tuple[str, ...]]:
        made.clear()
        features_before(context, day, asked=context.engine, features=features, traits=traits)
        return made.copy()

    assert len(night(*FEATURES[:2], traits={"country": "text"})) == 20
    assert night(*FEATURES[3:], traits={"city": "number"}) == []
    assert night(replace(FEATURES[1], name="lately", within=timedelta(days=13)), traits={}) == []
    assert night(Feature(name="orders", sql="count(revenue)"), traits={}) == []  # a denominator of before
    other = "count(*) filter (where name = 'Order Cancelled')"
    assert night(Feature(name="orders", sql=other), *FEATURES[1:], traits={}) == [(other,)] * 20
    assert night(*FEATURES, traits={"age": "number"}) == [("age",)] * 20


def asked_of(patch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What totals of events are asked for, from now on."""
    found: list[tuple[str, ...]] = []
    totals = SqlCustomerTables.totals

    def counted(
        asked: SqlCustomerTables[Ref], events: pa.Table, *, features: Sequence[Feature], traits: dict[str, Kind]
    ) -> Ref:
        found.append((*(feature.sql for feature in features), *traits))
        return totals(asked, events, features=features, traits=traits)

    patch.setattr(SqlCustomerTables, "totals", counted)
    return found


SOMETIMES = (
    *FEATURES,
    Feature(name="orders", sql="count(*) filter (where name = 'Order Completed' and revenue > 5)"),
    Feature(name="orders 3d", sql="count(revenue)", within=timedelta(days=5)),
    Feature(name="highest", sql="max(revenue)"),
    Feature(name="sum", sql="sum(revenue)", within=timedelta(days=9)),
    Feature(name="sent", sql="count(*)"),
    Feature(name="of sent", sql="count(*)", of="count(revenue)"),
)


@law(6)
@given(
    nights=st.lists(
        st.tuples(
            st.lists(rows_of(5), max_size=5),
            st.lists(st.sampled_from(SOMETIMES), max_size=3, unique_by=lambda each: each.name),
            st.sets(st.sampled_from(sorted(TRAITS))),
        ),
        min_size=3,
        max_size=5,
    )
)
def test_whatever_is_asked_for_next(
    nights: Sequence[tuple[Sequence[dict[str, object]], Sequence[Feature], set[str]]],
) -> None:
    """Rules and features are edited, and events come late: the answer is always that of all events."""
    context = context_of()
    for batch, features, traits in nights:
        add(context, batch)
        as_of_all_events(context, features, {name: TRAITS[name] for name in sorted(traits)})


def test_a_span_has_few_files(tmp_path: Path) -> None:
    """Whatever was asked for in turn: what there is no more room for is put together, and old files go."""
    with closing(SqliteStore(tmp_path, clock=lambda: datetime(2026, 7, 1, tzinfo=UTC))) as store:
        context = replace(context_of(), store=store)
        add(context, [event(offset) for offset in range(2)])
        for count in range(0, len(SOMETIMES), 2):
            as_of_all_events(context, SOMETIMES[count : count + 2], TRAITS if count % 4 else {})
            files = [TOTALS.of(name).days(store) for name in SPAN_FILES]
            assert sum(START in days for days in files) <= MOST_FILES
        add(context, [event(1, "late")])
        as_of_all_events(context, SOMETIMES, TRAITS)
        assert sum(START + timedelta(days=1) in TOTALS.of(name).days(store) for name in SPAN_FILES) == 1


def as_of_all_events(context: Context, features: Sequence[Feature], traits: dict[str, Kind]) -> None:
    """Features by way of totals are those that all events say."""
    day, links = START + timedelta(days=DAYS), context.store.inbox.links()
    found = features_before(context, day, asked=context.engine, features=features, traits=traits)
    events = EVENTS.read(context.store, EVER, day - timedelta(days=1))
    expected = context.engine.features(day, events=events, links=links, features=features, traits=traits)
    assert found.to_pylist() == expected.to_pylist()
    assert found.schema == expected.schema


def test_what_is_counted_once_is_not_additive() -> None:
    assert are_additive(FEATURES)
    assert not are_additive([*FEATURES, Feature(name="days", sql="count(distinct day)")])
    assert not are_additive([Feature(name="rate", sql="count(*)", of="avg(age_days)")])
    assert not are_additive([Feature(name="old", sql="count(*) filter (where age_days > 9)")])


def add(context: Context, batch: Sequence[dict[str, object]]) -> None:
    """Put events into their days, beside what these hold."""
    for day in {row["day"] for row in batch}:
        assert isinstance(day, date)
        new = pa.Table.from_pylist([row for row in batch if row["day"] == day], schema=EVENT_SCHEMA)
        held = table_of(EVENTS.read(context.store, day, day), EVENT_SCHEMA)
        table = pa.concat_tables([held, new])
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
