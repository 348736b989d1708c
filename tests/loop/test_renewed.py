"""What is known of customers is known anew when files or data change, whether or not a day is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from living_personas.domain.event import Event
from living_personas.domain.settings import Feature
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.tables import CUSTOMERS
from loop.shops import DAY_ZERO, PERSONA, SETTINGS, context_of, history, morning_after, noon

LAST = DAY_ZERO + timedelta(days=1)
BOUGHT = Feature(name="bought", sql="count(*) filter (where name = 'Bought')")
LEFT = replace(BOUGHT, sql="count(*) filter (where name = 'Left')")


@pytest.fixture
def closed() -> Context:
    """A shop of two days, where one persona holds whoever bought."""
    settings = replace(SETTINGS, features=(BOUGHT,))
    context = context_of(replace(PERSONA, who="bought >= 1"), settings=settings)
    left = Event(message_id="left", customer="gone", name="Left", time=noon(1))
    record(context, [*history(range(2), units=20), left], received=noon(2))
    cycle.run(context, now=morning_after(2), owner="w", until=LAST)
    return context


def again(context: Context) -> cycle.Cycle:
    return cycle.run(context, now=morning_after(2), owner="w", until=LAST)


def known(context: Context, customer: str) -> dict[str, object]:
    rows = {row["customer"]: row for row in table_of(CUSTOMERS.newest(context.store)).to_pylist()}
    return dict(rows[customer])


def test_a_changed_feature_holds_from_the_next_run(closed: Context) -> None:
    assert known(closed, "gone")["persona"] == "unmatched"
    changed = replace(closed, settings=replace(closed.settings, features=(LEFT,)))
    assert again(changed).renewed
    assert (known(changed, "gone")["bought"], known(changed, "gone")["persona"]) == (1, "buyer")
    assert not again(changed).renewed


def test_a_changed_rule_holds_from_the_next_run(closed: Context) -> None:
    changed = replace(closed, personas=(replace(PERSONA, who="bought = 0"),))
    assert again(changed).renewed
    assert known(changed, "gone")["persona"] == "buyer"


def test_late_data_about_closed_days_are_known_from_the_next_run(closed: Context) -> None:
    record(closed, [Event(message_id="late", customer="gone", name="Bought", time=noon(0))], received=noon(2))
    assert again(closed).renewed
    assert known(closed, "gone")["persona"] == "buyer"


def test_without_anything_new_nothing_is_kept_anew(closed: Context) -> None:
    before = CUSTOMERS.etags(closed.store)
    assert not again(closed).renewed
    assert CUSTOMERS.etags(closed.store) == before
