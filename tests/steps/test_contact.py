"""Contacts are what customers met; who said no is decided nothing for, and nothing is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas import loop
from living_personas.deciding.contact import consented
from living_personas.deciding.decide import Decider
from living_personas.domain.contact import Cap, ContactPolicy, CoolDown, QuietHours
from living_personas.domain.event import IDENTIFY, Event, Json
from living_personas.domain.persona import EVER, Attribute
from living_personas.steps.contact import delivery_of
from living_personas.steps.expose import exposure_event
from living_personas.steps.lists import decide_list, exposures_of, wide
from living_personas.steps.parts import Parts
from living_personas.steps.tables import table_of
from steps.shops import PERSONA, SETTINGS, morning_after, noon, parts_of

POLICY = ContactPolicy(
    channels=("email", "in_product"),
    caps=(Cap(most=1, within=timedelta(days=1)), Cap(most=2, within=timedelta(days=7))),
    cool_downs=(CoolDown(event="Bought", lasts=timedelta(days=2)),),
)
OFFER = Attribute(name="offer", options=("none", "gift"), believed="gift", assign="day")


def opened(policy: ContactPolicy = POLICY) -> Parts:
    persona = replace(PERSONA, channels=("email", "in_product"), attributes=(*PERSONA.attributes, OFFER))
    parts = parts_of(persona, settings=replace(SETTINGS, contact=policy))
    loop.run(parts, now=noon(0, hours=-11), owner="w")
    return parts


def said(customer: str, day: float, **traits: Json) -> Event:
    return Event(
        message_id=f"{customer}/{day}",
        customer=customer,
        name=IDENTIFY,
        time=noon(0, hours=24 * day),
        properties=traits,
    )


def meet(parts: Parts, customer: str, day: float, channel: str = "email") -> bool:
    """Ask, and if it may be delivered, deliver it."""
    at = noon(0, hours=24 * day)
    decided = loop.decide(parts, customer, {}, at=at, channel=channel)
    found = delivery_of(parts, customer, {}, at=at, channel=channel)
    decision = consented(decided, found)
    if found.deliver:
        loop.record(parts, [exposure_event(decision, decision.choices, at=at, kind="exposed")], received=at)
    return found.deliver


def test_caps_count_what_was_met_on_any_channel() -> None:
    parts = opened()
    assert meet(parts, "ann", 0)
    assert not meet(parts, "ann", 0.5, "in_product")
    assert meet(parts, "bob", 0.5)
    assert meet(parts, "ann", 1.5, "in_product")
    held = delivery_of(parts, "ann", {}, at=noon(3), channel="email")
    assert (held.deliver, held.reason, held.hold_until) == (False, "cap", noon(7))
    assert delivery_of(parts, "ann", {}, at=noon(3), channel="landing").deliver


def test_another_id_of_the_same_customer_is_the_same_customer() -> None:
    parts = opened()
    assert meet(parts, "phone", 0)
    link = Event(message_id="l", customer="ann", also="phone", name=IDENTIFY, time=noon(0, hours=1))
    loop.record(parts, [link], received=noon(0, hours=1))
    assert not meet(parts, "ann", 0.5)


def test_a_purchase_cools_down() -> None:
    parts = opened()
    loop.record(parts, [Event(message_id="b", customer="ann", name="Bought", time=noon(0))], received=noon(0))
    held = delivery_of(parts, "ann", {}, at=noon(1), channel="email")
    assert (held.reason, held.hold_until) == ("cool-down", noon(2))


def test_quiet_hours_are_the_customer_s_and_the_decision_stays() -> None:
    parts = opened(ContactPolicy(channels=("email",), quiet_hours=QuietHours(begins=time(21), ends=time(8))))
    loop.record(parts, [said("ann", 0, time_zone="Pacific/Auckland")], received=noon(0))
    assert not delivery_of(parts, "ann", {}, at=noon(1), channel="email").deliver  # midnight in Auckland
    assert delivery_of(parts, "bob", {}, at=noon(1), channel="email").deliver
    first = loop.decide(parts, "ann", {}, at=noon(1), channel="email")
    again = loop.decide(parts, "ann", {}, at=noon(1, hours=1), channel="email")
    assert first.choices == again.choices


def test_a_list_holds_whom_the_policy_holds() -> None:
    parts = opened()
    loop.record(parts, [said("dan", 0, consent_email=False), said("eve", 0, gpc=True)], received=noon(0))
    assert meet(parts, "ann", 0)
    listed = pa.table({"customer": ["ann", "bob", "bob", "dan", "eve"]})
    found = decide_list(parts, listed, at=noon(0, hours=3), channel="email")
    assert (found.asked, found.refused) == (4, 2)
    rows = {row["customer"]: row for row in wide(found).to_pylist()}
    assert {name: row["deliver"] for name, row in rows.items()} == {"ann": False, "bob": True}
    assert (rows["ann"]["held_for"], rows["ann"]["hold_until"]) == ("cap", noon(1))
    assert rows["bob"]["framing"] in ("a", "b", "c")
    assert 0 < rows["bob"]["offer_propensity"] <= 1
    assert [event.customer for event in exposures_of(found, at=noon(0, hours=3), channel="email")] == ["bob"]
    snapshot = parts.store.snapshots.latest()
    assert snapshot is not None
    one = Decider(snapshot).decide("bob", {}, at=noon(0, hours=3), channel="email")
    assert (rows["bob"]["framing"], rows["bob"]["decision_id"]) == (one.option("framing"), one.id)


WORDS: Sequence[dict[str, Json]] = (
    {},
    {"consent_email": True},
    {"consent_email": False},
    {"consent_in_product": False},
    {"consent": False},
    {"consent_personalisation": False},
    {"gpc": True},
)
NO = {"consent_email", "consent", "consent_personalisation", "gpc"}


@settings(max_examples=12)
@given(st.lists(st.sampled_from(range(len(WORDS))), min_size=1, max_size=12))
def test_nobody_who_said_no_is_decided_for_or_learned_from(words: list[int]) -> None:
    parts = opened(ContactPolicy(channels=("email",)))
    people = [(f"u{n}", WORDS[word]) for n, word in enumerate(words)]
    loop.record(parts, [said(customer, 0, **word) for customer, word in people if word], received=noon(0))
    loop.run(parts, now=morning_after(0), owner="w")
    no = {customer for customer, word in people if NO & word.keys() and word != {"consent_email": True}}
    for customer, _ in people:
        at = noon(1)
        decided = loop.decide(parts, customer, {}, at=at, channel="email")
        decision = consented(decided, delivery_of(parts, customer, {}, at=at, channel="email"))
        assert bool(decision.choices) is (customer not in no)
        # A client that reports an exposure all the same teaches nothing.
        loop.record(parts, [exposure_event(decided, decided.choices, at=at, kind="exposed")], received=at)
    loop.run(parts, now=morning_after(1), owner="w", until=noon(1).date())
    units = table_of(parts.store.partitions.read("units", EVER, noon(3).date()))
    learned_from = set(units["customer"].to_pylist()) if units.num_rows else set()
    assert learned_from == {customer for customer, _ in people} - no
