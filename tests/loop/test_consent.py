"""A no counts whoever recorded it: in whatever words, under whatever name, before or after it was named a consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.consent import LEAVING, Consent, consent_names, is_no, is_yes, yes_names
from living_personas.domain.contact import ContactPolicy, CoolDown
from living_personas.domain.event import ALIAS, EXPOSED, IDENTIFY, Event, Exposure, Json
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.feed.uncounted import uncounted
from living_personas.loop.privacy.consent import agreeing, read_consents, refusing, spoken
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.tables import CELLS, UNITS
from loop.shops import DAY_ZERO, PERSONA, SETTINGS, context_of, history, morning_after, noon

OWN = 'my "own" nó'
NAMED = replace(SETTINGS, contact=ContactPolicy(channels=("email",), consent=(OWN,)))


def said(customer: str, hours: float, **words: Json) -> Event:
    return Event(
        message_id=f"{customer}/{hours}",
        customer=customer,
        name=IDENTIFY,
        time=noon(0, hours=hours),
        properties=words,
    )


@pytest.mark.parametrize(("channel", "name"), [("", "consent_email"), ("push", "consent_push")])
@pytest.mark.parametrize("event", LEAVING)
def test_whoever_leaves_a_channel_says_no_on_it_until_a_later_yes(event: str, channel: str, name: str) -> None:
    context = context_of()
    left = Event(message_id="m", customer="ann", name=event, time=noon(0), channel=channel)
    record(context, [left, said("ann", -1, **{name: True})], received=noon(0))
    assert spoken(context, ["ann"])[0] == {name}
    record(context, [said("ann", 1, **{name: "yes"})], received=noon(0))
    assert spoken(context, ["ann"])[0] == frozenset()


@pytest.mark.parametrize("name", [OWN, "gpc", "consent_email"])
def test_every_consent_that_speaks_for_a_channel_is_kept(name: str) -> None:
    """Also one with quotes in its name, and the signal of browsers where a workspace names its own consents."""
    context = context_of(settings=NAMED)
    record(context, [said("ann", 0, **{name: "perhaps"}), said("bob", 0, plan="free")], received=noon(0))
    assert spoken(context, ["ann"])[0] == {name}
    assert refusing(context, "email").to_pylist() == ["ann"]


def test_a_consent_that_is_named_later_is_read_from_what_was_said_and_from_whoever_does_not_know_it_yet() -> None:
    """A process that began before the file was edited goes on recording."""
    before = context_of()
    record(before, [said("ann", 0, **{OWN: False})], received=noon(0))
    assert refusing(before, "email").to_pylist() == []
    after = replace(before, settings=NAMED)
    read_consents(after)
    assert refusing(after, "email").to_pylist() == ["ann"]
    record(before, [said("bob", 1, **{OWN: False}), said("ann", 1, **{OWN: True})], received=noon(0))
    read_consents(after)
    assert refusing(after, "email").to_pylist() == ["bob"]


WORDS = st.sampled_from([True, False, "no", "perhaps", None, ""])
CUSTOMERS = st.sampled_from(["ann", "bob", "a1", "a2"])


@settings(max_examples=40)
@given(
    st.lists(st.tuples(CUSTOMERS, st.integers(-48, 48), st.sampled_from(["consent", "consent_ads", "gpc"]), WORDS)),
    st.lists(st.tuples(CUSTOMERS, CUSTOMERS), max_size=3),
    st.none() | st.integers(-2, 2),
)
def test_customers_say_no_with_the_last_word_of_any_of_their_ids(
    words: list[tuple[str, int, str, Json]], pairs: list[tuple[str, str]], day: int | None
) -> None:
    context = context_of()
    links = [
        Event(message_id=f"link{n}", customer=one, also=other, name=ALIAS, time=noon(0))
        for n, (one, other) in enumerate(pairs)
    ]
    events = [
        replace(said(customer, hours, **{name: word}), message_id=f"m{number:02}")
        for number, (customer, hours, name, word) in enumerate(words)
    ]
    record(context, [*events, *links], received=noon(0))
    linked = {row["id"]: row["customer"] for row in context.store.inbox.links().to_pylist()}
    before = None if day is None else noon(day).date()
    last: dict[tuple[str, str], bool] = {}
    for event in sorted(events, key=lambda event: (event.time, event.message_id)):
        for name, word in (event.properties or {}).items():
            no = is_no(name, word)
            if no is not None and (before is None or event.time.date() < before):
                last[linked.get(event.customer, event.customer), name] = no
    noes = {customer for (customer, name), no in last.items() if no}
    assert set(refusing(context, "ads", before=before).to_pylist()) == noes
    if before is None:
        yes = {customer for (customer, name), no in last.items() if name == "consent_ads" and not no}
        assert set(agreeing(context, {"consent_ads"}).to_pylist()) == yes
        for customer in ("ann", "bob", "a1", "a2"):
            ids = {customer, *(id_ for id_, known_by in linked.items() if known_by == customer)}
            if customer not in linked:
                mine = {name for (each, name), no in last.items() if each == customer and no}
                assert spoken(context, ids)[0] == mine


REQUIRED = replace(SETTINGS, consent="required")
LAST = DAY_ZERO + timedelta(days=2)


def met(customer: str, hours: float, channel: str = "email") -> Event:
    exposure = Exposure(attribute="framing", option="b", persona="buyer", policy="logged", epoch=f"{customer}{hours}")
    return Event(
        message_id=f"{customer}/{hours}/{channel}",
        customer=customer,
        name=EXPOSED,
        time=noon(0, hours=hours),
        channel=channel,
        exposures=(exposure,),
    )


def closed(context: Context) -> Context:
    cycle.run(context, now=morning_after(3), owner="w", until=LAST)
    return context


def lived(events: Sequence[Event], consent: Consent) -> Context:
    context = context_of(settings=replace(SETTINGS, consent=consent))
    record(context, events, received=noon(3))
    return closed(context)


def units(context: Context) -> set[tuple[str, str]]:
    found = table_of(UNITS.read(context.store, DAY_ZERO - timedelta(days=9), LAST), UNITS.schema)
    return set(zip(found["customer"].to_pylist(), found["epoch"].to_pylist(), strict=True))


HOURS = st.integers(-6, 50).map(float)


@pytest.mark.long
@pytest.mark.promise("P25")
@settings(max_examples=40)
@given(
    st.lists(st.tuples(CUSTOMERS, HOURS, st.sampled_from(["consent", "consent_email", "consent_push", "gpc"]), WORDS)),
    st.lists(st.tuples(CUSTOMERS, HOURS, st.sampled_from(["email", "push"])), min_size=1, unique=True),
    st.sampled_from(["assumed", "required"]),
)
def test_what_is_learned_from_is_what_was_willing_at_its_moment(
    words: list[tuple[str, float, str, Json]], meetings: list[tuple[str, float, str]], consent: Consent
) -> None:
    """Before the moment no word was a last no and, where that is required, by the moment one was a yes."""
    events = [
        replace(said(customer, hours, **{name: word}), message_id=f"m{number:02}")
        for number, (customer, hours, name, word) in enumerate(words)
    ]
    context = lived([*events, *(met(*meeting) for meeting in meetings)], consent)
    in_order = sorted(events, key=lambda event: (event.time, event.message_id))

    def word(customer: str, name: str, before: float, *, with_it: bool) -> object:
        heard = [
            event.properties[name]
            for event in in_order
            if event.properties and event.customer == customer and event.properties.get(name) not in (None, "")
            if name in event.properties and (event.time < noon(0, hours=before) + timedelta(seconds=with_it))
        ]
        return heard[-1] if heard else None

    willing = {
        (customer, f"{customer}{hours}")
        for customer, hours, channel in meetings
        if not any(is_no(name, word(customer, name, hours, with_it=False)) for name in consent_names(channel))
        and (
            consent == "assumed"
            or any(is_yes(name, word(customer, name, hours, with_it=True)) for name in yes_names(channel))
        )
    }
    assert units(context) == willing


def test_when_a_yes_becomes_required_closed_days_are_counted_again_and_back() -> None:
    """What was learned from those who said nothing is taken back; the report says how many they are."""
    agreed = said("h-0-1", -1, consent="yes")
    assumed = lived([*history(range(3), units=20), agreed], "assumed")
    before = table_of(CELLS.read(assumed.store, DAY_ZERO, LAST))
    required = closed(replace(assumed, settings=REQUIRED))
    assert {customer for customer, _ in units(required)} == {"h-0-1"}
    (found,) = (each for each in uncounted(required) if each.kind == "consent")
    assert (found.count, found.of, found.is_much) == (59, 60, True)
    assert table_of(CELLS.read(closed(assumed).store, DAY_ZERO, LAST)).equals(before)
    assert [each for each in uncounted(assumed) if each.kind == "consent"] == []


@pytest.mark.parametrize(
    ("name", "told"), [("SMS Opt-Out", True), ("spamreport", True), ("Unsubscribed", False), ("Order Completed", False)]
)
def test_events_called_as_if_somebody_left_are_named_until_somebody_settles_it(name: str, told: object) -> None:
    context = context_of(PERSONA)
    record(context, [replace(said("ann", 0), name=name)], received=noon(0))
    found = [each for each in uncounted(context) if each.kind == "leaving"]
    assert [(each.event, each.is_much) for each in found] == ([(name, True)] if told else [])
    rest = ContactPolicy(channels=("email",), cool_downs=(CoolDown(event=name, lasts=timedelta(days=1)),))
    settled = replace(context, settings=replace(context.settings, contact=rest))
    assert [each for each in uncounted(settled) if each.kind == "leaving"] == []


def test_a_word_that_nobody_understands_is_a_no_that_is_counted_once() -> None:
    context = context_of(PERSONA)
    words = [said("ann", 0, consent_email="perhaps"), said("bob", 0, consent_email="yes", plan="perhaps")]
    for _ in range(2):
        record(context, words, received=noon(0))
    (found,) = uncounted(context)
    assert (found.kind, found.because, found.count, found.is_much) == ("unclear", "consent_email", 1, True)
    read_consents(replace(context, settings=NAMED))
    assert uncounted(context) == (found,)
