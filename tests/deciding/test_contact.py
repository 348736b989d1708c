"""Caps are never exceeded, quiet hours hold exactly inside them, and a no is a no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deciding.snapshots import persona, published
from living_personas.deciding.contact_rules import DELIVERED, REFUSED, consented, delivery, refuses, zone_of
from living_personas.deciding.decide import Decider
from living_personas.domain.consent import consent_names
from living_personas.domain.contact import Cap, Contacted, ContactPolicy, CoolDown, Delivery, QuietHours
from living_personas.domain.decision import UNMATCHED

UTC_ZONE = ZoneInfo("UTC")
START = datetime(2026, 3, 1, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)

moments = st.integers(0, 40 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0))
quiet = st.none() | st.tuples(clocks, clocks).filter(lambda p: p[0] != p[1]).map(
    lambda pair: QuietHours(begins=pair[0], ends=pair[1])
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])


@st.composite
def policies(draw: st.DrawFn) -> ContactPolicy:
    """Any policy of two channels."""
    caps = [
        Cap(most=draw(st.integers(1, 3)), within=DAY),
        Cap(most=draw(st.integers(1, 5)), within=WEEK),
    ]
    cool = [CoolDown(event="Order Completed", lasts=draw(st.integers(1, 100)) * timedelta(hours=1))]
    return ContactPolicy(
        channels=("email", "in_product"),
        caps=tuple(caps[: draw(st.integers(0, 2))]),
        cool_downs=tuple(cool[: draw(st.integers(0, 1))]),
        quiet_hours=draw(quiet),
    )


@given(policies(), st.lists(moments, max_size=60), st.lists(st.sampled_from(["email", "in_product"]), min_size=60))
def test_a_cap_is_never_exceeded_over_all_channels(
    policy: ContactPolicy, asked: list[datetime], channels: list[str]
) -> None:
    met: list[datetime] = []
    for at, channel in zip(sorted(asked), channels, strict=False):
        found = delivery(policy, at=at, channel=channel, clock=UTC_ZONE, contacted=Contacted(met=tuple(met)))
        if found.deliver:
            met.append(at)
    for cap in policy.caps:
        for first in met:
            assert sum(first <= each < first + cap.within for each in met) <= cap.most


@given(quiet.filter(lambda each: each is not None), moments, zones)
def test_quiet_hours_hold_iff_inside(hours: QuietHours, at: datetime, zone: str) -> None:
    policy = ContactPolicy(channels=("email",), quiet_hours=hours)
    found = delivery(policy, at=at, channel="email", clock=ZoneInfo(zone))
    clock = at.astimezone(ZoneInfo(zone)).time()
    inside = hours.begins <= clock < hours.ends if hours.begins < hours.ends else not hours.ends <= clock < hours.begins
    assert found.deliver is not inside
    assert found.reason == ("quiet hours" if inside else "")


@given(policies(), moments, st.lists(moments, max_size=8), st.none() | moments, zones)
def test_what_is_held_is_delivered_when_it_says_and_not_before(
    policy: ContactPolicy, at: datetime, met: list[datetime], ordered: datetime | None, zone: str
) -> None:
    past = Contacted(
        met=tuple(each for each in met if each <= at),
        happened={"Order Completed": (ordered,)} if ordered and ordered <= at else {},
    )

    def asked(moment: datetime) -> bool:
        return delivery(policy, at=moment, channel="email", clock=ZoneInfo(zone), contacted=past).deliver

    found = delivery(policy, at=at, channel="email", clock=ZoneInfo(zone), contacted=past)
    if found.deliver:
        assert found.hold_until is None
        return
    assert found.hold_until is not None
    assert found.hold_until > at
    assert asked(found.hold_until)
    span = found.hold_until - at
    assert not any(asked(at + span * n / 20) for n in range(20))


@given(policies(), moments, st.lists(moments, max_size=6), st.lists(moments, max_size=6))
def test_what_comes_later_holds_nothing_back(
    policy: ContactPolicy, at: datetime, met: list[datetime], ordered: list[datetime]
) -> None:
    def asked(times: list[datetime], others: list[datetime]) -> Delivery:
        past = Contacted(met=tuple(times), happened={"Order Completed": tuple(others)})
        return delivery(policy, at=at, channel="email", clock=UTC_ZONE, contacted=past)

    found = asked(met, ordered)
    before = asked([each for each in met if each <= at], [each for each in ordered if each <= at])
    assert (found.deliver, found.reason) == (before.deliver, before.reason)
    if found.hold_until is not None and before.hold_until is not None:
        assert found.hold_until >= before.hold_until  # what is known of the time until then holds on


NAMED = ("consent", "consent_personalisation", "consent_own")
WORDS: Mapping[str | float | None, bool | None] = {
    **dict.fromkeys((True, 1, "true", "Y", "opted in", "granted"), True),
    **dict.fromkeys((False, 0, "false", "No", "off", "opted_out", "denied"), False),
    **dict.fromkeys(("perhaps", 2, "-"), False),  # present and not understood
    **dict.fromkeys((None, "", " "), None),  # nothing was said
}


@given(
    st.dictionaries(
        st.sampled_from([*NAMED, "gpc", "consent_email", "consent_ads", "plan"]), st.sampled_from(list(WORDS))
    ),
    st.sampled_from(["email", "landing", ""]),
)
def test_any_no_that_speaks_for_the_channel_refuses_it(known: dict[str, str | float | None], channel: str) -> None:
    said = {name for name, word in known.items() if name != "gpc" and WORDS[word] is False}
    said |= {"gpc"} if known.get("gpc") in (True, "true", "Y", "opted in", "granted", "perhaps", 2, "-") else set()
    assert refuses(known, consent_names(channel, named=NAMED)) == bool(said & {*NAMED, "gpc", f"consent_{channel}"})


def test_nothing_is_given_out_for_whoever_said_no() -> None:
    decision = Decider(published(persona())).decide("u1", {}, at=START)
    assert decision.choices
    assert consented(decision, DELIVERED) == decision
    refused = consented(decision, REFUSED)
    assert (refused.persona, refused.choices, refused.id) == (UNMATCHED, (), decision.id)


@pytest.mark.parametrize("name", ["Nowhere/Land", "", "../etc/passwd", None, 7, "Europe/Berlin\0"])
def test_an_unknown_clock_is_the_workspace_s(name: object) -> None:
    assert zone_of({"time_zone": name}, otherwise=ZoneInfo("Asia/Tokyo")).key == "Asia/Tokyo"


def test_other_channels_answer_at_once() -> None:
    hours = QuietHours(begins=time(0), ends=time(23, 59))
    policy = ContactPolicy(channels=("email",), quiet_hours=hours)
    assert delivery(policy, at=START, channel="landing", clock=UTC_ZONE).deliver
    assert delivery(None, at=START, channel="email", clock=UTC_ZONE).deliver
