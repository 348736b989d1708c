"""One question, one answer: what it is made of, and what of it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from living_personas.deciding.token import read_token
from living_personas.domain.decision import UNMATCHED
from living_personas.domain.event import Event
from living_personas.errors import NotPublishedError, UnknownNameError
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.serving.counting import counted_event, exposure_token, met_event
from living_personas.serving.desk import desk_of
from living_personas.serving.question import Answer, Question
from living_personas.serving.why import why
from loop.shops import context_of
from serving.happenings import NOW, opened, said

SECRET = b"0" * 32
GOLD = {"plan": "gold"}


@pytest.fixture(scope="module")
def shop() -> Iterator[Context]:
    """Ann is known as silver, and a1 is Ann; Cid said no a moment ago."""
    with opened("memory") as (context, _):
        link = Event(message_id="l", customer="dan", also="d1", name="alias", time=NOW)
        record(context, [said("ann", 11, plan="silver"), said("cid", 11, consent="nein"), link], received=NOW)
        yield context


def ask(context: Context, customer: str, **more: Any) -> Answer:
    return desk_of(context).answer(Question(customer=customer, at=NOW, **{"campaign": "spring", "visit": "v", **more}))


def test_what_is_known_decides_and_what_the_question_says_goes_before_it(shop: Context) -> None:
    for customer in ("ann", "a1"):
        known = ask(shop, customer)
        assert (known.decision.persona, known.known["plan"], known.known["orders"]) == ("p2", "silver", 2.0)
        assert ask(shop, customer, traits=GOLD).decision.persona == "p1"
        assert ask(shop, customer, traits={"trial": None, "orders": 0}).decision.persona == "p3"
    assert ask(shop, "nobody").decision.persona == UNMATCHED
    assert ask(shop, "nobody", traits=GOLD).known == {"orders": 0.0, **GOLD}


@pytest.mark.parametrize(
    ("customer", "more"),
    [
        ("cid", {}),
        ("cid", {"traits": {"consent": True, **GOLD}}),
        ("ann", {"traits": {"consent": "perhaps"}}),
        ("ann", {"traits": {"gpc": "1"}}),
        ("ann", {"traits": {"consent_email": 0}, "channel": "email"}),
        ("ann", {"refused": True}),
    ],
)
def test_a_no_counts_wherever_it_was_said_and_nothing_takes_it_back_but_its_customer(
    shop: Context, customer: str, more: dict[str, Any]
) -> None:
    found = ask(shop, customer, **more)
    decision = found.decision
    assert (decision.persona, decision.choices, decision.undecided, decision.holdout) == (UNMATCHED, (), {}, False)
    assert (found.delivery.deliver, found.delivery.reason, found.delivery.hold_until) == (False, "no consent", None)
    assert counted_event(found) is None
    assert exposure_token(found, secret=SECRET) == ""
    assert ask(shop, "ann", traits={"consent_ads": False}, channel="email").decision.choices


@pytest.mark.parametrize(
    ("customer", "more", "willing"),
    [
        ("ann", {}, False),
        ("ann", {"traits": {"consent_email": True}, "channel": "email"}, True),
        ("ann", {"traits": {"consent_email": True}, "channel": "landing"}, False),
        ("ann", {"traits": {"consent": "perhaps"}}, False),
        ("ann", {"traits": {"gpc": False}}, False),
        ("ann", {"traits": {"consent_marketing": True}, "refused": True}, False),
        ("eve", {}, True),
        ("e1", {"channel": "landing"}, True),
        ("eve", {"traits": {"gpc": True}}, False),
        ("flo", {"channel": "email"}, True),
        ("flo", {}, False),
        ("cid", {"traits": {"consent_email": True}, "channel": "email"}, False),
        ("of whom nothing is known", {"traits": GOLD}, False),
    ],
)
def test_where_a_yes_is_required_silence_is_a_no(
    shop: Context, customer: str, more: dict[str, Any], *, willing: bool
) -> None:
    """A yes counts like a no: said before under any id, or with the question, on what speaks for the channel."""
    words = [said("e1", 11, consent="granted"), said("flo", 11, consent_email=1, plan="gold")]
    link = Event(message_id="e", customer="eve", also="e1", name="alias", time=NOW)
    record(shop, [*words, said("eve", 11.1, plan="gold"), link], received=NOW)
    required = replace(shop, settings=replace(shop.settings, consent="required"))
    found = ask(required, customer, **more)
    assert (found.delivery.reason == "no consent", found.decision.persona == UNMATCHED) == (not willing, not willing)
    assert ask(shop, "ann").delivery.deliver


def test_what_lacks_its_occasion_is_named_and_the_others_are_decided(shop: Context) -> None:
    whole = ask(shop, "dan", traits=GOLD)
    less = ask(shop, "dan", traits=GOLD, campaign="later", visit="")
    assert {choice.attribute for choice in whole.decision.choices} == {"framing", "offer", "banner", "theme"}
    assert sorted(less.decision.undecided) == ["banner", "theme"]
    assert "begins on" in less.decision.undecided["theme"]
    assert less.decision.choices == tuple(c for c in whole.decision.choices if c.attribute in ("framing", "offer"))
    assert ask(shop, "dan", traits=GOLD, channel="email").decision.option("hour") in ("8", "18")


def test_only_what_is_asked_for_is_decided(shop: Context) -> None:
    one = ask(shop, "dan", traits=GOLD, only=["offer"], visit="")
    assert ([choice.attribute for choice in one.decision.choices], one.decision.undecided) == (["offer"], {})
    none = ask(shop, "dan", traits=GOLD, only=())
    assert (none.decision.persona, none.decision.choices) == ("p1", ())
    with pytest.raises(UnknownNameError, match="'ofer'"):
        ask(shop, "dan", only=["ofer"])


def test_what_may_show_nothing_counts_at_once_and_then_is_not_met(shop: Context) -> None:
    found = ask(shop, "dan", traits=GOLD)
    event = counted_event(found)
    assert event is not None
    assert ([each.attribute for each in event.exposures], event.time) == (["offer"], found.decision.time)
    assert tokened(found, counted=True) == {"framing", "banner", "theme"}
    assert tokened(found) == {"framing", "offer", "banner", "theme"}
    met = met_event(found.decision, at=NOW)
    assert met is not None
    assert {each.attribute for each in met.exposures} == {"framing", "offer", "banner", "theme"}
    assert met.message_id != event.message_id
    alone = ask(shop, "dan", traits=GOLD, only=["offer"])
    assert exposure_token(alone, secret=SECRET, only=["offer"], counted=True) == ""
    assert counted_event(ask(shop, "dan", traits=GOLD, only=["framing"])) is None
    assert counted_event(ask(shop, "nobody", traits={"plan": "free"})) is None  # p3 has no such attribute


def test_what_is_held_does_not_count_yet_and_its_token_holds_all_of_it(shop: Context) -> None:
    held = ask(shop, "dan", traits=GOLD, channel="email")
    night = desk_of(shop).answer(
        Question(customer="dan", at=NOW + timedelta(hours=11), channel="email", campaign="spring", traits=GOLD)
    )
    assert (held.delivery.deliver, night.delivery.reason) == (True, "quiet hours")
    assert counted_event(night) is None
    assert "offer" in tokened(night, counted=True)


def tokened(answer: Answer, *, counted: bool = False) -> set[str]:
    read = read_token(exposure_token(answer, secret=SECRET, counted=counted), secret=SECRET, at=answer.decision.time)
    assert (read.customer, read.decision_id) == (answer.decision.customer, answer.decision.id)
    return {each.attribute for each in read.exposures}


def test_an_answer_has_its_reasons(shop: Context) -> None:
    desk = desk_of(shop)
    found = ask(shop, "ann", traits={"orders": None})
    reasons = why(found, desk.published.snapshot)
    assert [(tried.persona, tried.answer) for tried in reasons.rules] == [
        ("p1", "unknown"),
        ("p2", "unknown"),
        ("p3", "true"),
    ]
    drawn = {each.attribute: each for each in why(ask(shop, "dan", traits=GOLD), desk.published.snapshot).drawn}
    assert {each.option for each in drawn.values()} == {
        c.option for c in ask(shop, "dan", traits=GOLD).decision.choices
    }
    for each in drawn.values():
        assert each.propensity == 1 or 0 < each.runner_up_share <= 1 - each.propensity


def test_before_anything_is_published_there_is_no_desk() -> None:
    with pytest.raises(NotPublishedError):
        desk_of(context_of())


def test_a_channel_that_nobody_uses_leaves_no_trace(shop: Context) -> None:
    desk = desk_of(shop)
    asked = Question(customer="ann", at=NOW, campaign="spring")
    answers = [desk.answer(replace(asked, channel=f"channel {number}")) for number in range(140)]
    assert {answer.decision.persona for answer in answers} == {"p2"}
    assert desk._consents.cache_info().currsize <= 128
