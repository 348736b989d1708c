"""Contacts are what customers met; who said no is decided nothing for, and nothing is learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.domain.contact import Cap, Contacted, ContactPolicy, CoolDown, Delivery, QuietHours
from living_personas.domain.decision import UNMATCHED
from living_personas.domain.event import EXPOSED, IDENTIFY, Event, Exposure, Json
from living_personas.domain.persona import EVER, Attribute
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.tables import UNITS
from living_personas.serving.contacts import contacted, moments_of
from living_personas.serving.counting import exposure_event
from living_personas.serving.desk import desk_of
from living_personas.serving.list_exposures import exposures_of
from living_personas.serving.lists import deciding_list
from living_personas.serving.question import Answer, Question
from loop.shops import PERSONA, SETTINGS, context_of, morning_after, noon

POLICY = ContactPolicy(
    channels=("email", "in_product"),
    caps=(Cap(most=1, within=timedelta(days=1)), Cap(most=2, within=timedelta(days=7))),
    cool_downs=(CoolDown(event="Bought", lasts=timedelta(days=2)),),
)
OFFER = Attribute(name="offer", options=("none", "gift"), believed="gift", assign="day")


def opened(policy: ContactPolicy | None = POLICY) -> Context:
    persona = replace(PERSONA, channels=("email", "in_product"), attributes=(*PERSONA.attributes, OFFER))
    context = context_of(persona, settings=replace(SETTINGS, contact=policy))
    cycle.run(context, now=noon(0, hours=-11), owner="w")
    return context


def said(customer: str, day: float, **traits: Json) -> Event:
    return Event(
        message_id=f"{customer}/{day}",
        customer=customer,
        name=IDENTIFY,
        time=noon(0, hours=24 * day),
        properties=traits,
    )


def answer(
    context: Context, customer: str, *, at: datetime, channel: str = "email", traits: Mapping[str, object] | None = None
) -> Answer:
    return desk_of(context).answer(Question(customer=customer, at=at, channel=channel, traits=traits))


def delivery(context: Context, customer: str, *, at: datetime, channel: str = "email") -> Delivery:
    return answer(context, customer, at=at, channel=channel).delivery


def meet(context: Context, customer: str, day: float, channel: str = "email") -> bool:
    """Ask, and if it may be delivered, deliver it."""
    at = noon(0, hours=24 * day)
    found = answer(context, customer, at=at, channel=channel)
    if found.delivery.deliver:
        met = exposure_event(found.decision, found.decision.choices, at=at, kind="exposed")
        record(context, [met], received=at)
    return found.delivery.deliver


def test_caps_count_what_was_met_on_any_channel() -> None:
    context = opened()
    assert meet(context, "ann", 0)
    assert not meet(context, "ann", 0.5, "in_product")
    assert meet(context, "bob", 0.5)
    assert meet(context, "ann", 1.5, "in_product")
    held = delivery(context, "ann", at=noon(3))
    assert (held.deliver, held.reason, held.hold_until) == (False, "cap", noon(7))
    assert delivery(context, "ann", at=noon(3), channel="landing").deliver


def test_another_id_of_the_same_customer_is_the_same_customer() -> None:
    context = opened()
    assert meet(context, "phone", 0)
    link = Event(message_id="l", customer="ann", also="phone", name=IDENTIFY, time=noon(0, hours=1))
    record(context, [link], received=noon(0, hours=1))
    assert not meet(context, "ann", 0.5)


def test_a_purchase_cools_down() -> None:
    context = opened()
    record(context, [Event(message_id="b", customer="ann", name="Bought", time=noon(0))], received=noon(0))
    held = delivery(context, "ann", at=noon(1))
    assert (held.reason, held.hold_until) == ("cool-down", noon(2))


def test_quiet_hours_are_the_customer_s_and_the_decision_stays() -> None:
    context = opened(ContactPolicy(channels=("email",), quiet_hours=QuietHours(begins=time(21), ends=time(8))))
    record(context, [said("ann", 0, time_zone="Pacific/Auckland")], received=noon(0))
    assert not delivery(context, "ann", at=noon(1)).deliver  # midnight in Auckland
    assert delivery(context, "bob", at=noon(1)).deliver
    first, again = (answer(context, "ann", at=noon(1, hours=hours)) for hours in (0, 1))
    assert first.decision.choices == again.decision.choices
    assert answer(context, "ann", at=noon(1), traits={"time_zone": "Europe/Paris"}).delivery.deliver


def test_a_list_comes_in_pieces_that_are_the_whole() -> None:
    """However many customers a piece has: the same rows under the same columns; nobody is one piece without rows."""
    context = opened()
    record(context, [said("c1", 0)], received=noon(0))
    seven = pa.table({"customer": [f"c{n}" for n in range(7)]})
    for asked in ([seven], [seven.slice(0, 3), seven.slice(3, 1), seven.slice(4, 0), seven.slice(4)]):
        with deciding_list(context, asked, at=noon(0), channel="email") as found:
            (whole,) = found.wide()
            assert whole.num_rows == 7
            for most in (1, 2, 3, 7):
                pieces = list(found.wide(most=most))
                assert max(piece.num_rows for piece in pieces) == most
                assert pa.concat_tables(pieces) == whole
    with deciding_list(context, [seven.slice(0, 0)], at=noon(0), channel="email") as found:
        (empty,) = found.wide()
        assert empty.num_rows == 0


def test_a_list_holds_whom_the_policy_holds() -> None:
    context = opened()
    record(context, [said("dan", 0, consent_email=False), said("eve", 0, gpc=True)], received=noon(0))
    assert meet(context, "ann", 0)
    at = noon(0, hours=3)
    listed = pa.table({"customer": ["ann", "bob", "bob", "dan", "eve"]})
    with deciding_list(context, [listed], at=at, channel="email") as found:
        assert (found.asked, found.refused, found.chosen, found.now) == (4, 2, 2, 1)
        rows = {row["customer"]: row for piece in found.wide() for row in piece.to_pylist()}
        (batch,) = exposures_of(found, at=at, channel="email", zone=context.zone)
    assert {name: row["deliver"] for name, row in rows.items()} == {"ann": False, "bob": True}
    assert (rows["ann"]["held_for"], rows["ann"]["hold_until"]) == ("cap", noon(1))
    assert rows["bob"]["framing"] in ("a", "b", "c")
    assert 0 < rows["bob"]["offer_propensity"] <= 1
    one = answer(context, "bob", at=at).decision
    assert (rows["bob"]["framing"], rows["bob"]["decision_id"]) == (one.option("framing"), one.id)
    assert batch.events["customer"].to_pylist() == ["bob"]
    assert record(context, batch, received=at).receipt.stored == 1
    met = {row["attribute"]: (row["option"], row["decision_id"]) for row in batch.exposures.to_pylist()}
    assert met == {choice.attribute: (choice.option, one.id) for choice in one.choices}
    assert delivery(context, "bob", at=noon(0, hours=4)).reason == "cap"


def test_a_decision_that_is_told_again_is_one_contact_and_what_shows_nothing_is_none() -> None:
    moments = [("", "d1", noon(2)), ("Bought", "m", noon(1)), ("", "d1", noon(1)), ("", "d2", noon(0))]
    assert contacted(moments) == Contacted(met=(noon(0), noon(1)), happened={"Bought": (noon(1),)})
    context = opened()
    for number, (option, decision) in enumerate([("None", "d1"), ("gift", "d2"), ("gift", "d2"), ("gift", "")]):
        met = Exposure(attribute="offer", option=option, decision_id=decision)
        event = Event(
            message_id=f"m{number}", customer="ann", name=EXPOSED, time=noon(number), channel="email", exposures=(met,)
        )
        record(context, [event, replace(event, message_id=f"l{number}", channel="landing")], received=noon(number))
    context.store.inbox.seal()
    rows = moments_of(context.store, POLICY, at=noon(4), ids=["ann"])
    assert [(row["key"], row["time"]) for row in rows.to_pylist()] == [
        ("d2", noon(1)),
        ("d2", noon(2)),
        ("m3", noon(3)),
    ]
    assert moments_of(context.store, POLICY, at=noon(4)).equals(rows)
    assert moments_of(context.store, POLICY, at=noon(4), ids=["bob"]).num_rows == 0
    assert moments_of(context.store, POLICY, at=noon(9))["time"].to_pylist() == [
        noon(3)
    ]  # a week looks back no further
    assert moments_of(context.store, None, at=noon(4)).num_rows == 0


WORDS: Sequence[dict[str, Json]] = (
    {},
    {"consent_email": True},
    {"consent_email": False},
    {"consent_email": "perhaps"},
    {"consent_in_product": False},
    {"consent": "opted out"},
    {"consent_personalisation": 0},
    {"gpc": True},
    {"gpc": "0", "consent": ""},
)
NO = (WORDS[2], WORDS[3], *WORDS[5:8])


@pytest.mark.promise("P25")
@law(10)
@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=12),
    st.sampled_from([ContactPolicy(channels=("email",)), None]),
)
def test_nobody_who_said_no_is_decided_for_or_learned_from(
    words: list[dict[str, Json]], policy: ContactPolicy | None
) -> None:
    context = opened(policy)
    people = [(f"u{n}", word) for n, word in enumerate(words)]
    record(context, [said(customer, 0, **word) for customer, word in people if word], received=noon(0))
    if policy is not None:
        cycle.run(context, now=morning_after(0), owner="w")
    no = {customer for customer, word in people if word in NO}
    at = noon(1)
    for customer, _ in people:
        found = answer(context, customer, at=at)
        assert bool(found.decision.choices) is (customer not in no)
        assert (found.delivery.refused, found.decision.persona == UNMATCHED) == (customer in no, customer in no)
        # A client that reports an exposure all the same teaches nothing.
        decided = desk_of(context).published.decider.decide(customer, {}, at=at, channel="email")
        record(context, [exposure_event(decided, decided.choices, at=at, kind="exposed")], received=at)
    cycle.run(context, now=morning_after(1), owner="w", until=noon(1).date())
    units = table_of(UNITS.read(context.store, EVER, noon(3).date()), UNITS.schema)
    assert set(units["customer"].to_pylist()) == {customer for customer, _ in people} - no
