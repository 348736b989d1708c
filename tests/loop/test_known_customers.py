"""A search in the engine looks at what one in memory looks at, and brings a sample of its customers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysail.spark import SparkConnectServer

from laws import law
from living_personas.discovery.everybody import SAMPLE, InMemory
from living_personas.discovery.explain import say
from living_personas.discovery.feature_matrix import read_sheet, why_unfit
from living_personas.domain.settings import Feature, denominator_of
from living_personas.engines.spark.spark_engine import SparkEngine
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import KNOWN_DAYS
from living_personas.loop.folding.known_customers import InEngine, KnownCustomers
from living_personas.loop.known.known_before import known_before
from living_personas.loop.segments.discovery import columns_of, discover
from living_personas.loop.segments.lives import members_of
from living_personas.memory.search_records import LEFT_OUT
from loop.searches import looked_at
from loop.shops import ENGINE, SETTINGS, context_of
from rows_fetched import rows_fetched
from worlds.customers import COLUMNS, customers
from worlds.in_events import FEATURES, LAST, live, personas_of


def workspace(n: int, *, seed: int = 5) -> Context:
    frame = customers("gamma", n, seed=seed, planted=0.05).frame
    context = context_of(*personas_of(frame), settings=replace(SETTINGS, features=FEATURES))
    live(context.store, frame)
    return context


def test_where_all_are_looked_at_the_table_is_what_the_engine_would_bring() -> None:
    """The same rows in the same order, to the last bit: so whatever is found among them is the same."""
    context = workspace(1_500)
    wanted = known_before(
        context,
        LAST + timedelta(days=1),
        asked=context.engine,
        features=(*FEATURES, KNOWN_DAYS),
        traits={"kind": "text"},
        links=context.store.inbox.links(),
    )
    members = context.engine.members(wanted, personas=context.personas)
    found, columns = looked_at(context, LAST)
    assert found.equals(wanted.append_column("persona", members["persona"]))
    assert columns == columns_of(wanted, FEATURES)


RATIO = Feature(name="opened", sql="count(*)", of="count(*)")
PLAIN = Feature(name="spend", sql="sum(value)")
NUMBERS = st.none() | st.sampled_from([-3.0, 0.0, 0.5, 1.0, 2.0, 7.25, float("inf")])
OF = st.sampled_from([0.0, 1.0, 2.0, 3.0, 2.5])


@law()
@given(st.lists(st.tuples(NUMBERS, NUMBERS, OF), min_size=1, max_size=6))
def test_a_few_rows_tell_what_all_of_them_hold(rows: Sequence[tuple[float | None, float | None, float]]) -> None:
    plain, ratio, of = (pa.array(column, pa.float64()) for column in zip(*rows, strict=True))
    ids = pa.array([f"c{number}" for number in range(len(rows))])
    table = pa.table({"customer": ids, "spend": plain, "opened": ratio, denominator_of("opened"): of})
    with ENGINE.keeping() as (engine, kept):
        features = {each.name: each for each in (PLAIN, RATIO)}
        everybody = KnownCustomers(
            engine=engine,
            kept=kept,
            customers=kept.holding(table, rule="true"),
            filed={"one": len(rows)},
            features=features,
        )
        told = everybody.telling(table.slice(0, 0))
    for feature in (PLAIN, RATIO):
        (wanted,), (found,) = (columns_of(each, [feature]) for each in (table, told[feature.name]))
        assert found == wanted
        said, bars = why_unfit(told[feature.name], found), why_unfit(table, wanted)
        assert bool(said) == bool(bars)
        if "whole number" not in bars:  # one of those that are not is named
            assert said == bars


def test_the_engine_scores_and_counts_as_memory_does() -> None:
    frame = customers("gamma", 3_000, seed=5, planted=0.05).frame
    asked: dict[str, Any] = {"assigned": "persona", "customer": "customer"}
    sheet = read_sheet(frame, columns=COLUMNS, **asked)
    said = say(sheet, sheet.filed == 0, made_from=np.arange(1_500))
    wanted = InMemory(sheet=sheet).held(said)
    names = pc.fill_null(frame["persona"], "unmatched")
    filed = {each["values"]: each["counts"] for each in names.value_counts().to_pylist()}
    with ENGINE.keeping() as (engine, kept):
        there = kept.holding(frame.set_column(1, "persona", names), rule="true")
        known = KnownCustomers(engine=engine, kept=kept, customers=there, filed=filed, features={})
        everybody = InEngine(known=known, sheet=sheet, read=lambda _: sheet, salt="1")
        found = everybody.held(said)
        assert len(everybody) == 3_000
        assert (found.size, found.share) == (wanted.size, wanted.share)
        assert (found.filed == wanted.filed).all()
        assert (found.everybody == wanted.everybody).all()
        assert sorted(found.customers().to_pylist()) == sorted(wanted.customers().to_pylist())
        assert found.size > 100


MANY = 60_000
"""Customers, of whom 40,000 are fitted."""


@pytest.fixture(scope="module")
def sail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    scratch = str(tmp_path_factory.mktemp("sail") / "scratch")
    yield SparkEngine(f"sc://{host}:{port}", scratch=lambda: scratch)
    server.stop()


@pytest.mark.slow
def test_two_engines_find_the_same_and_bring_a_sample(sail: SparkEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = rows_fetched(monkeypatch)
    here = workspace(MANY)
    there = replace(workspace(MANY), engine=sail)
    wanted, found = discover(here, LAST, seed=1), discover(there, LAST, seed=1)
    assert wanted == found
    assert wanted
    for segment in wanted:
        assert members_of(here.store, segment).equals(members_of(there.store, segment))
    assert LEFT_OUT.read(here.store) == LEFT_OUT.read(there.store) == []
    assert max(fetched) == SAMPLE
