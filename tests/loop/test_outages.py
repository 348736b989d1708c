"""What members all ceased to do on one day is asked about; who never did it, or stopped one by one, is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discovery.made import candidate, difference, rng
from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Event
from living_personas.domain.settings import Feature, Settings
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.loop.context import Context
from living_personas.loop.segments.outages import fell_silent, silent_since
from living_personas.stores.memory import MemoryStore

LAST = date(2026, 6, 30)
MEMBERS = [f"c{number}" for number in range(40)]


@given(st.integers(8, 60), st.integers(8, 60), st.floats(8, 100), st.integers(0, 1000))
def test_an_end_is_found_where_it_is(before: int, after: int, level: float, seed: int) -> None:
    counts = np.concatenate([rng(seed).poisson(level, before), np.zeros(after)]).astype(float)
    counts[:before] = np.maximum(counts[:before], 3)
    found = silent_since(counts)
    assert found is not None
    assert before - 2 <= found <= before  # the last days may have had little by chance


@given(st.integers(20, 120), st.floats(0.05, 100), st.integers(0, 1000))
def test_what_goes_on_and_what_never_was_has_no_end(days: int, level: float, seed: int) -> None:
    assert silent_since(rng(seed).poisson(max(level, 3.0), days).astype(float)) is None
    assert silent_since(np.zeros(days)) is None


@pytest.mark.parametrize(
    ("ended", "asked"), [(lambda _: 100, 1), (lambda number: 40 + 2 * number, 0), (lambda _: 0, 0)]
)
def test_members_who_all_ceased_on_one_day_are_asked_about(ended: Callable[[int], int], asked: int) -> None:
    """Days are counted from 139 days before the last one; every fourth member opens each day until it ceases."""
    opened = Feature(name="opened", sql="count(*) filter (where name = 'Email Opened')", within=timedelta(days=28))
    settings = Settings(name="Shop", salt="s", features=(opened,))
    context = Context(store=MemoryStore(), engine=DuckDBEngine(), settings=settings, personas=())
    for day in range(140):
        here = [("Session Started", member) for member in MEMBERS]
        here += [("Email Opened", m) for n, m in enumerate(MEMBERS) if day < ended(n) and (n + day) % 4 == 0]
        context.store.partitions.replace("events", {_on(day): _events(here, _on(day))})
    found = replace(candidate(MEMBERS), differences=(difference("opened", -2.0, silent=True),))
    said = fell_silent(context, found, LAST)
    assert said == (
        (f"an outage? until {_on(99)} its members did 'Email Opened' every day, and none has since",) * asked
    )


def _on(number: int) -> date:
    return LAST - timedelta(days=139 - number)


def _events(happened: list[tuple[str, str]], day: date) -> pa.Table:
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    events = [Event(message_id=f"{day}-{name}-{who}", customer=who, name=name, time=noon) for name, who in happened]
    return EventBatch.of(events, zone=ZoneInfo("UTC")).events
