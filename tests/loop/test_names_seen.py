"""What anybody can send crowds out nothing: no feature of what servers send, and no doubt about what it sent."""

from __future__ import annotations

import pytest

from living_personas.domain.event import AGENT, BROWSER, SENT_FROM, Event
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import MOST, anybody_may_have_sent, browsers_sent, features_of, names_seen
from living_personas.loop.recording.record import record
from loop.shops import PERSONA, context_of, noon

ORDERS = "order_completed_28d"


def sent(context: Context, *names: str, of: str = "", channel: str = "") -> None:
    events = [
        Event(
            message_id=f"{of}{channel}{name}",
            customer=f"{of}c",
            name=name,
            time=noon(0),
            channel=channel,
            properties={SENT_FROM: of} if of else {},
        )
        for name in names
    ]
    record(context, events, received=noon(1))


@pytest.mark.parametrize("of", [BROWSER, AGENT])
def test_a_flood_of_names_takes_no_feature_away(of: str) -> None:
    context = context_of(PERSONA)
    sent(context, "Order Completed", channel="web")
    sent(context, "Page Viewed", of=of)
    before = {feature.name for feature in features_of(context)}
    sent(context, *(f"!{number:04}" for number in range(2 * MOST)), of=of)
    for number in range(2 * MOST):
        sent(context, "Page Viewed", of=of, channel=f"!{number:04}")
    assert before <= {feature.name for feature in features_of(context)}
    assert {"Order Completed", "Page Viewed"} <= {*names_seen(context.store)}
    assert len(names_seen(context.store)) <= 2 * MOST


def test_what_anybody_may_have_sent_is_doubted_however_many_names_they_send() -> None:
    context = context_of(PERSONA)
    sent(context, "Order Completed")
    sent(context, "Page Viewed", of=BROWSER)
    assert not anybody_may_have_sent(context, ORDERS)
    sent(context, *(f"!{number:04}" for number in range(MOST)), "Order Completed", of=BROWSER)
    assert len(browsers_sent(context.store)) == MOST
    assert anybody_may_have_sent(context, ORDERS), "nobody knows any more that it was not among them"
    assert anybody_may_have_sent(context, "a_trait"), "and whether they said it"


def test_what_is_made_of_events_of_any_name_may_be_made_of_what_browsers_sent() -> None:
    context = context_of(PERSONA)
    sent(context, "Order Completed", "Email Delivered", "Email Opened", channel="web")
    sent(context, "Bob's order", of=BROWSER, channel="web")
    doubted = {each.name: anybody_may_have_sent(context, each.name) for each in features_of(context)}
    assert {name for name, is_doubted in doubted.items() if not is_doubted and name.endswith(("28d", "share"))} == {
        *(ORDERS, "email_delivered_28d", "email_opened_28d", "web_opened_share")
    }


def test_names_of_servers_are_the_same_in_whatever_order_they_come() -> None:
    one, other = context_of(PERSONA), context_of(PERSONA)
    names = [f"Event {number:04}" for number in range(MOST + 50)]
    sent(one, *names)
    for start in range(len(names), 0, -50):
        sent(other, *names[start - 50 : start])
    assert names_seen(one.store) == names_seen(other.store)
    assert len(names_seen(one.store)) == MOST
