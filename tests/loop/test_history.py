"""History without any exposure: everybody is known and can be decided for, and nothing of it is bet on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from living_personas.domain.event import Event
from living_personas.domain.persona import Trait
from living_personas.domain.settings import Feature
from living_personas.loop import closing, cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.records import CLOSED, HISTORY, STARTED
from living_personas.memory.tables import CUSTOMERS
from living_personas.reporting.report import build_report
from living_personas.serving.desk import desk_of
from living_personas.serving.lists import AllKnown
from living_personas.serving.question import Question
from loop.shops import DAY_ZERO, PERSONA, SETTINGS, context_of, history, morning_after, near, noon
from serving.answered import answer_list

FEATURES = (Feature(name="orders", sql="count(*) filter (where name = 'Bought')"),)


def shop() -> Context:
    persona = replace(PERSONA, who="orders >= 1", traits=(Trait(name="orders", believed=3.0),))
    return context_of(persona, settings=replace(SETTINGS, features=FEATURES))


def orders(days: Sequence[int]) -> list[Event]:
    return [
        Event(message_id=f"o{day}-{n}", customer=f"c{n}", name="Bought", time=noon(day, hours=n / 10))
        for day in days
        for n in range(20)
    ]


def test_a_history_is_known_from_the_first_hour() -> None:
    context = shop()
    record(context, orders(range(-400, 0)), received=noon(0))
    done = cycle.run(context, now=noon(0), owner="w")
    assert (done.days, done.history) == ((), DAY_ZERO - timedelta(days=1))
    assert done.snapshot is not None
    assert done.snapshot.number == 1
    assert desk_of(context).answer(Question(customer="c1", at=noon(0))).decision.persona == "buyer"
    assert desk_of(context).answer(Question(customer="new", at=noon(0))).decision.persona == "unmatched"
    assert answer_list(context, AllKnown(), at=noon(0)).decided.num_rows == 20
    report = build_report(context)
    assert report.personas[0].members == 20
    assert report.personas[0].traits[0].customers == 20


def test_more_history_is_history_until_somebody_meets_an_option() -> None:
    context = shop()
    record(context, orders(range(-9, -5)), received=noon(0))
    cycle.run(context, now=noon(-4), owner="w")
    assert cycle.run(context, now=noon(-4), owner="w").history is None
    record(context, [replace(orders([-7])[0], message_id="late", customer="d")], received=noon(-4))
    assert cycle.run(context, now=noon(-4), owner="w").history == DAY_ZERO - timedelta(days=6)
    assert "d" in table_of(CUSTOMERS.newest(context.store))["customer"].to_pylist()
    record(context, orders(range(-5, 0)), received=noon(0))
    assert cycle.run(context, now=noon(0), owner="w").history == DAY_ZERO - timedelta(days=1)
    record(context, history(range(3)), received=noon(3))
    done = cycle.run(context, now=morning_after(2), owner="w")
    assert (len(done.days), done.history, HISTORY.read(context.store)) == (3, None, None)


@pytest.mark.long
@pytest.mark.parametrize("met", [range(-6, 4), range(4)])
def test_evidence_is_as_if_nobody_had_looked_before(met: Sequence[int]) -> None:
    """Whether options were met in what was closed as history, or only afterwards."""
    once, twice = shop(), shop()
    events = history(met)
    for context in (once, twice):
        record(context, orders(range(-9, 0)), received=noon(0))
    cycle.run(twice, now=noon(0), owner="w")
    for context in (once, twice):
        record(context, events, received=noon(4))
        cycle.run(context, now=morning_after(3), owner="w")
    assert STARTED.read(once.store) == STARTED.read(twice.store) == DAY_ZERO + timedelta(days=met[0])
    assert CLOSED.read(once.store) == CLOSED.read(twice.store)
    here, there = closing.kept_states(once), closing.kept_states(twice)
    assert all(near(a.accounts, b.accounts) for a, b in zip(here, there, strict=True))


def test_of_nobody_nothing_is_closed() -> None:
    context = shop()
    assert cycle.run(context, now=noon(0), owner="w").history is None
    record(context, [Event(message_id="m", customer="c", name="Bought", time=noon(0))], received=noon(0))
    assert cycle.run(context, now=noon(0, hours=1), owner="w").history is None
    assert CLOSED.read(context.store) is None
