"""Whoever somebody was when asked for, it is in the fold: by the day before, and by what came earlier on the day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.event import IDENTIFY, UNLINK, Event, Exposure
from living_personas.domain.persona import Attribute
from living_personas.domain.settings import Feature
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.tables import UNITS
from living_personas.serving.desk import desk_of
from living_personas.serving.question import Question
from loop.shops import PERSONA, SETTINGS, context_of, noon
from serving.answered import answer_list

DAYS = 3
FEATURES = (
    Feature(name="orders", sql="count(*) filter (where name = 'Bought')"),
    Feature(name="spend", sql="sum(price)"),
    Feature(name="paid_share", sql="count(*) filter (where price > 5)", of="count(price)"),
)
RULES = {
    "vip": "plan = 'pro' and orders >= 1",
    "spender": "spend >= 10 or paid_share > 0.5",
    "newcomer": "orders = 0 and spend is null and plan is null",
    "older": "age >= 40",
    "regular": "orders >= 1",
}
TRAITS = st.dictionaries(
    st.sampled_from(["plan", "age"]), st.sampled_from(["pro", "free", 30, 50, "50", None, True]), min_size=1, max_size=2
)
WHO = st.sampled_from(["ann", "bob", "a1", "a2"])
STEPS = st.one_of(
    st.tuples(st.just("buy"), WHO, st.integers(1, 12)),
    st.tuples(st.just("says"), WHO, TRAITS),
    st.tuples(st.just("links"), st.sampled_from([("ann", "a1"), ("bob", "a2"), ("ann", "a2"), ("bob", "a1")]), TRAITS),
    st.tuples(st.just("parts"), st.sampled_from([("ann", "a1"), ("bob", "a2")]), st.just(None)),
    st.tuples(st.just("meets"), WHO, st.just(None)),
)


def shop() -> Context:
    attribute = Attribute(name="framing", options=("a", "b"), believed="a", assign="visit")
    personas = (
        replace(PERSONA, id=name, name=name, who=who, priority=place, attributes=(attribute,), guardrails=())
        for place, (name, who) in enumerate(RULES.items())
    )
    return context_of(*personas, settings=replace(SETTINGS, features=FEATURES))


lives = given(st.lists(st.lists(STEPS, max_size=10), min_size=DAYS, max_size=DAYS))


@pytest.mark.long
@settings(max_examples=10)
@lives
def test_the_fold_says_who_the_desk_said(days: list[list[tuple[str, object, object]]]) -> None:
    check(days)


@pytest.mark.slow
@settings(max_examples=300)
@lives
def test_it_says_so_in_many_lives(days: list[list[tuple[str, object, object]]]) -> None:
    check(days)


def check(days: list[list[tuple[str, object, object]]]) -> None:
    context, answered, number = shop(), {}, 0
    for day, steps in enumerate(days):
        cycle.run(context, now=noon(day, hours=-11.9), owner="w")
        for place, (kind, who, what) in enumerate(steps):
            at, number = noon(day, hours=place / 20), number + 1
            if kind == "meets" and context.store.snapshots.held():
                assert isinstance(who, str)
                asked = Question(customer=who, at=at, visit=str(number))
                answered[str(number)] = desk_of(context).answer(asked).decision.persona
                listed = answer_list(context, pa.table({"customer": [who], "visit": [str(number)]}), at=at).decided
                assert listed["persona"].to_pylist() == [answered[str(number)]] * (answered[str(number)] != "unmatched")
            record(context, [event(number, kind, who, what, day=day, place=place)], received=at)
    cycle.run(context, now=noon(DAYS, hours=-6), owner="w", until=noon(DAYS - 1).date())
    units = table_of(UNITS.all(context.store), UNITS.schema)
    folded = dict(zip(units["epoch"].to_pylist(), units["persona"].to_pylist(), strict=True))
    assert folded == answered


def event(number: int, kind: str, who: object, what: object, *, day: int, place: int) -> Event:
    customer, also = who if isinstance(who, tuple) else (who, "")
    assert isinstance(customer, str)
    kinds: dict[str, dict[str, Any]] = {
        "buy": {"name": "Bought", "properties": {"price": what}},
        "says": {"name": IDENTIFY, "properties": what},
        "links": {"name": IDENTIFY, "properties": what, "also": also},
        "parts": {"name": UNLINK, "also": also},
        "meets": {
            "name": "Experiment Viewed",
            "exposures": (Exposure(attribute="framing", option="a", epoch=str(number)),),
        },
    }
    told = kinds[kind]
    return Event(message_id=f"m{number}", customer=customer, time=noon(day, hours=place / 20), **told)
