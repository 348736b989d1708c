"""What sums are made of is what events say themselves, not what stands inside another property."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from living_personas.domain.event import Event
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.feed.summed_values import summed_values
from living_personas.loop.recording.record import record
from loop.shops import PERSONA, context_of, noon

PAID = replace(PERSONA, goal=replace(PERSONA.goal, event="Paid", value="price"))


def told(*said: Mapping[str, Any]) -> set[tuple[str, int, int]]:
    context = context_of(PAID)
    events = [
        Event(message_id=f"m{number}", customer="u1", name="Paid", time=noon(0), properties=properties)
        for number, properties in enumerate(said)
    ]
    record(context, events, received=noon(1))
    seal_waiting(context)
    return {(each.kind, each.count, each.of) for each in summed_values(context, noon(0).date())}


def test_a_value_inside_another_property_is_not_the_one_that_is_summed() -> None:
    items = [{"price": 3.0}, {"price": None}]
    assert told({"items": items}, {"items": items, "price": 3.0}, {"note": '"price": 5'}) == {("empty", 2, 3)}


def test_a_currency_inside_another_property_is_not_that_of_the_sum() -> None:
    paid = {"context": {"currency": "USD"}, "currency": "EUR", "price": 3.0}
    assert told(paid, {"currency": "EUR", "price": 3.0}) == set()
    assert told(paid, {"currency": "USD", "price": 3.0}, paid) == {("currencies", 1, 3)}


def test_there_may_be_no_event_at_all() -> None:
    assert told() == set()
