"""P10: late and skewed data: the same state whatever the order of arrival, and placed bets are not rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faults.shop import LONG
from living_personas.channels.moments import Moments
from living_personas.domain.event import Event
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from loop.shops import context_of, history, morning_after, noon, state_of

EVENTS = history(range(3), units=25)
LAST = 34
"""A day on which everything has come: the latest event is 30 days late."""


def arrived(event: Event, *, late: timedelta, skew: timedelta) -> tuple[datetime, Event]:
    """When an event came from a device with a wrong clock, and the event as the border reads it."""
    sent = event.time + late
    moments = Moments.of(sent, sent=(sent + skew).isoformat())
    return sent, replace(event, time=moments.happened((event.time + skew).isoformat()))


def lived(arrivals: Sequence[tuple[datetime, Event]]) -> tuple[Context, dict[str, object]]:
    """A shop where events come when they come; the loop runs each morning that something is new, and on the last."""
    context = context_of()
    placed: dict[str, object] = {}
    days = sorted({(came - noon(0, hours=-12)).days for came, _ in arrivals} | {LAST})
    for day in days:
        today = [event for came, event in arrivals if (came - noon(0, hours=-12)).days == day]
        record(context, today, received=noon(day))
        cycle.run(context, now=morning_after(day), owner="w")
        ledger = {key: each for key, each in state_of(context.store).items() if key.startswith("ledger/")}
        assert all(ledger[key] == bets for key, bets in placed.items()), "a bet that was placed was rewritten"
        placed |= ledger
    return context, placed


def cells(context: Context) -> dict[str, pa.Table]:
    """The cells of each day, their rows in one order."""
    found = {}
    for day in context.store.partitions.days("cells"):
        table = table_of(context.store.partitions.read("cells", day, day))
        found[day.isoformat()] = table.sort_by([(name, "ascending") for name in table.schema.names[:9]])
    return found


@cache
def in_time() -> dict[str, pa.Table]:
    """The cells of a shop to which everything comes at once."""
    context, _ = lived([(event.time, event) for event in EVENTS])
    return cells(context)


@pytest.mark.long
@pytest.mark.promise("P10")
@settings(max_examples=40 if LONG else 3, deadline=None)
@given(
    random=st.randoms(use_true_random=False),
    late=st.lists(st.integers(0, 30), min_size=5, max_size=5),
    skew=st.lists(st.floats(-3, 3), min_size=7, max_size=7),
)
def test_whatever_comes_late_by_wrong_clocks_in_any_order_counts_the_same(
    random: Random, late: list[int], skew: list[float]
) -> None:
    """Devices are up to three days off, and events up to thirty days late; those of the first hours are in time."""
    arrivals = []
    for number, event in enumerate(EVENTS):
        delay = timedelta(days=late[number % 5] if event.time > noon(0, hours=2) else 0)
        arrivals.append(arrived(event, late=delay, skew=timedelta(days=skew[number % 7])))
    random.shuffle(arrivals)
    context, placed = lived(arrivals)
    assert cells(context) == in_time()
    assert len(cells(context)) >= 3
    assert placed
