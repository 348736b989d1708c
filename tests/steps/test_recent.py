"""From memory it is as from the store, whatever was recorded in whatever order, and whenever it was loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from living_personas import loop
from living_personas.deciding.contact import delivery
from living_personas.domain.contact import ContactPolicy
from living_personas.domain.event import ALIAS, EXPOSED, IDENTIFY, Event, Exposure
from living_personas.steps.contact import delivery_of
from living_personas.steps.parts import Parts
from living_personas.steps.recent import Recent
from steps.shops import SETTINGS, noon, parts_of
from steps.test_contact import POLICY

IDS = ("ann", "bob", "a1", "a2")


@st.composite
def an_event(draw: st.DrawFn, number: int) -> Event:
    """Something that matters to a policy, or nearly."""
    customer = draw(st.sampled_from(IDS))
    time = noon(0, hours=draw(st.integers(0, 240)))
    kind = draw(st.sampled_from([EXPOSED, "Bought", IDENTIFY, ALIAS, "Seen"]))
    about = Event(message_id=f"m{number}", customer=customer, name=kind, time=time, channel="")
    if kind == EXPOSED:
        met = Exposure(
            attribute="offer",
            option=draw(st.sampled_from(["gift", "None"])),
            decision_id=draw(st.sampled_from(["", "d1", "d2"])),
        )
        return replace(about, exposures=(met,), channel=draw(st.sampled_from(["email", "in_product", "landing"])))
    if kind == IDENTIFY:
        return replace(about, properties={"consent_email": draw(st.booleans()), "other": 1})
    return replace(about, also=draw(st.sampled_from(IDS))) if kind == ALIAS else about


def steps() -> st.SearchStrategy[list[Event | None]]:
    """Events, and moments at which the sealed days are loaded (None)."""
    return st.integers(0, 12).flatmap(
        lambda count: st.tuples(*(st.one_of(st.none(), an_event(number)) for number in range(count))).map(list)
    )


def asked(recent: Recent, parts: Parts, policy: ContactPolicy, customer: str) -> object:
    contacted, said = recent.of(customer)
    return delivery(policy, said, at=noon(11), channel="email", zone=parts.zone, contacted=contacted)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(steps())
def test_memory_says_what_the_store_says(happening: list[Event | None]) -> None:
    parts, recent = parts_of(settings=replace(SETTINGS, contact=POLICY)), Recent()
    recent.load(parts, at=noon(11))
    for each in happening:
        if each is None:
            parts.store.inbox.seal()
            recent.load(parts, at=noon(11))
        else:
            loop.record(parts, [each], received=each.time)
            recent.tell([each])
    for customer in IDS:
        found = asked(recent, parts, POLICY, customer)
        assert found == delivery_of(parts, customer, {}, at=noon(11), channel="email")


def test_another_policy_is_taken_up_and_none_costs_nothing() -> None:
    parts, recent = parts_of(settings=replace(SETTINGS, contact=POLICY)), Recent()
    bought = Event(message_id="m1", customer="ann", name="Bought", time=noon(0))
    recent.load(parts, at=noon(0))
    loop.record(parts, [bought], received=noon(0))
    recent.tell([bought])
    assert recent.of("ann")[0].happened == {"Bought": noon(0)}
    without = replace(parts, settings=replace(SETTINGS, contact=replace(POLICY, cool_downs=())))
    recent.load(without, at=noon(0))
    assert recent.of("ann")[0].happened is None
    recent.load(replace(parts, settings=SETTINGS), at=noon(0))
    recent.tell([bought])
    assert recent.of("ann")[1] == {}


@pytest.mark.parametrize("hours", [1, 25])
def test_what_is_read_again_is_only_what_changed(hours: int) -> None:
    """Days that nobody sealed are not read again, but a new day is another question."""
    parts, recent = parts_of(settings=replace(SETTINGS, contact=POLICY)), Recent()
    recent.load(parts, at=noon(0))
    before = recent.loads
    recent.load(parts, at=noon(0) + timedelta(hours=hours))
    assert recent.loads == before + (hours > 24)
