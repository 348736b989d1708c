"""Caps, quiet hours and consent hold in every answer of the service, from memory and at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from living_personas.domain.event import Event
from living_personas.loop.recording.record import record
from service.shop import NOON, WORKSPACE, Served, track

CONTACT = """\
contact:
  channels: [email, in_product]
  caps: {day: 1}
  cool_downs: {Order Completed: 2 days}
  quiet_hours: {from: '22:00', to: '07:00'}
"""
DEAL = {"utm_campaign": "deal"}


@pytest.fixture
def capped(served: Served) -> Served:
    """The shop with a contact policy, which the service reads while it runs."""
    (served.folder / "workspace.yaml").write_text(WORKSPACE + CONTACT)
    served.service.watch.look()
    return served


def ask(
    served: Served, customer: str, channel: str = "email", *, key: str = "publishable", **more: Any
) -> dict[str, Any]:
    answer = served.post("/v1/decide", {"customer": customer, "channel": channel, **more}, key=key)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def expose(served: Served, found: dict[str, Any], id_: str = "e1") -> None:
    event = {"event": "Persona Exposed", "properties": {"token": found["token"], "channel": found["channel"]}}
    answer = served.post("/v1/track", track(id_, userId=found["customer"], **event))
    assert answer.json()["stored"] == 1, answer.text


def exposures(served: Served) -> int:
    store = served.service.context.store
    store.inbox.seal()
    days = store.partitions.days("exposures")
    return sum(len(paths) for paths in [store.partitions.read("exposures", days[0], days[-1])]) if days else 0


def test_what_was_acknowledged_counts_for_the_next_question(capped: Served) -> None:
    first = ask(capped, "u1")
    assert (first["deliver"], first["held_for"], first["hold_until"]) == (True, "", None)
    expose(capped, first)
    held = ask(capped, "u1", "in_product")
    until = (NOON + timedelta(days=1)).isoformat()
    assert (held["deliver"], held["held_for"], held["hold_until"]) == (False, "cap", until)
    assert held["attributes"]["framing"]["option"] == first["attributes"]["framing"]["option"]
    assert ask(capped, "u1", "landing")["deliver"]
    capped.clock.on(days=1)
    assert ask(capped, "u1")["deliver"]


def test_it_still_counts_once_it_is_sealed_and_for_every_id_of_the_customer(capped: Served) -> None:
    expose(capped, ask(capped, "anon-1"))
    assert ask(capped, "u1")["deliver"]
    capped.post("/v1/identify", {"messageId": "l1", "userId": "u1", "anonymousId": "anon-1", "traits": {}})
    assert ask(capped, "u1")["held_for"] == "cap"
    capped.service.context.store.inbox.seal()
    capped.service.watch.look()
    assert ask(capped, "u1")["held_for"] == "cap"
    assert ask(capped, "anon-1")["held_for"] == "cap"
    assert ask(capped, "u2")["deliver"]


def test_a_cool_down_and_quiet_hours_hold(capped: Served) -> None:
    capped.post("/v1/track", track("o1", event="Order Completed"))
    assert ask(capped, "u1")["held_for"] == "cool-down"
    capped.clock.on(hours=11)
    assert ask(capped, "u2")["held_for"] == "quiet hours"
    tokyo = ask(capped, "u2", traits={"time_zone": "Asia/Tokyo"})
    assert tokyo["deliver"]


def test_what_another_process_recorded_counts_at_once_and_still_when_it_was_sealed(capped: Served) -> None:
    event = Event(message_id="o1", customer="u1", name="Order Completed", time=NOON)
    record(capped.service.context, [event], received=NOON)
    assert ask(capped, "u1", key="secret")["held_for"] == "cool-down"
    capped.service.context.store.inbox.seal()
    assert ask(capped, "u1", key="secret")["held_for"] == "cool-down"
    capped.service.watch.look()
    assert ask(capped, "u1", key="secret")["held_for"] == "cool-down"


def test_what_is_held_is_not_counted_at_the_decision(capped: Served) -> None:
    capped.post("/v1/track", track("o1", event="Order Completed"))
    found = ask(capped, "u1", traits=DEAL, count=True)
    assert "offer" in found["attributes"]
    assert exposures(capped) == 0


@pytest.mark.promise("P25")
@pytest.mark.parametrize(
    "said", [{"consent": False}, {"consent": "perhaps"}, {"gpc": 1}, {"consent_email": "opted out"}]
)
def test_a_no_is_honoured_by_every_route_at_the_next_question_without_a_policy(
    served: Served, said: dict[str, Any]
) -> None:
    link = {"type": "identify", "messageId": "l1", "userId": "u1", "anonymousId": "a1", "traits": DEAL}
    no = {"type": "identify", "messageId": "n1", "anonymousId": "a1", "traits": said}
    assert ask(served, "u1")["persona"] == "other"
    served.post("/v1/batch", {"batch": [link]})
    assert ask(served, "u1")["persona"] == ask(served, "a1")["persona"] == "saver"
    served.post("/v1/batch", {"batch": [no]})
    for customer in ("u1", "a1"):
        found = ask(served, customer)
        assert (found["persona"], found["held_for"], found["attributes"]) == ("unmatched", "no consent", {})
        context = {"targetingKey": customer, "channel": "email"}
        flags = served.post("/ofrep/v1/evaluate/flags", {"context": context}).json()["flags"]
        assert [(each["key"], each["value"]) for each in flags] == [("persona", "unmatched")]
        body = {"distinct_id": customer, "api_key": served.keys["publishable"]}
        everywhere = "consent_email" not in said  # these clients cannot name a channel
        assert (served.client.post("/flags/", json=body).json()["flags"] == {}) is everywhere
    assert ask(served, "u2")["persona"] == "other"


def test_what_a_customer_said_since_the_last_cycle_counts_for_rules(served: Served) -> None:
    for number, (campaign, persona) in enumerate([("deal", "saver"), ("brand", "other"), ("a deal", "saver")]):
        served.clock.on(seconds=1)
        served.post("/v1/identify", {"messageId": f"t{number}", "userId": "u1", "traits": {"utm_campaign": campaign}})
        assert ask(served, "u1")["persona"] == persona


@pytest.mark.parametrize("policy", [True, False])
def test_who_said_no_gets_the_default_and_leaves_no_trace(served: Served, *, policy: bool) -> None:
    if policy:
        (served.folder / "workspace.yaml").write_text(WORKSPACE + CONTACT)
        served.service.watch.look()
    for no in ({"consent_email": False}, {"gpc": True}, {"consent": "no"}):
        found = ask(served, "u1", traits={**DEAL, **no})
        assert (found["persona"], found["attributes"], found["token"]) == ("unmatched", {}, "")
        assert (found["deliver"], found["held_for"]) == (False, "no consent")
    assert exposures(served) == 0


def test_no_is_remembered_until_it_is_taken_back(capped: Served) -> None:
    for number, said in enumerate((False, True, False)):
        traits = {"messageId": f"t{number}", "userId": "u1", "traits": {"consent_email": said}}
        capped.clock.on(seconds=1)
        capped.post("/v1/identify", traits)
        assert ask(capped, "u1")["deliver"] is said
        if number == 1:
            capped.service.context.store.inbox.seal()
            capped.service.watch.look()
            assert ask(capped, "u1")["deliver"]
    assert ask(capped, "u1", traits={"consent_email": True})["held_for"] == "no consent"
    assert ask(capped, "u1", "landing")["deliver"]


def test_global_privacy_control_holds_on_every_route(served: Served) -> None:
    headers = {**served.bearer("publishable"), "Sec-GPC": "1"}
    context = {"targetingKey": "u1", **DEAL}
    decided = served.client.post("/v1/decide", json={"customer": "u1", "traits": DEAL}, headers=headers).json()
    one = served.client.post("/ofrep/v1/evaluate/flags/offer", json={"context": context}, headers=headers).json()
    every = served.client.post("/ofrep/v1/evaluate/flags", json={"context": context}, headers=headers).json()
    body = {"distinct_id": "u1", "person_properties": DEAL}
    posthog = served.client.post("/flags/", json=body, headers=headers).json()
    assert decided["attributes"] == {}
    assert (one["reason"], "value" in one, one["metadata"]["held_for"]) == ("DEFAULT", False, "no consent")
    assert [flag["key"] for flag in every["flags"]] == ["persona"]
    assert posthog["flags"] == {}
    assert exposures(served) == 0


def test_other_protocols_say_it_in_their_own_places(capped: Served) -> None:
    expose(capped, ask(capped, "u1"))
    context = {"targetingKey": "u1", "channel": "email"}
    metadata = capped.post("/ofrep/v1/evaluate/flags/framing", {"context": context}).json()["metadata"]
    assert (metadata["deliver"], metadata["held_for"]) == (False, "cap")
    assert metadata["hold_until"] == (NOON + timedelta(days=1)).isoformat()
