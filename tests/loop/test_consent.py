"""A no counts whoever recorded it: in whatever words, under whatever name, before or after it was named a consent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.consent import LEAVING, is_no
from living_personas.domain.contact import ContactPolicy
from living_personas.domain.event import ALIAS, IDENTIFY, Event, Json
from living_personas.loop.consent import agreeing, read_consents, refused_names, refusing
from living_personas.loop.record import record
from loop.shops import SETTINGS, context_of, noon

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
    assert refused_names(context.store, ["ann"]) == {name}
    record(context, [said("ann", 1, **{name: "yes"})], received=noon(0))
    assert refused_names(context.store, ["ann"]) == frozenset()


@pytest.mark.parametrize("name", [OWN, "gpc", "consent_email"])
def test_every_consent_that_speaks_for_a_channel_is_kept(name: str) -> None:
    """Also one with quotes in its name, and the signal of browsers where a workspace names its own consents."""
    context = context_of(settings=NAMED)
    record(context, [said("ann", 0, **{name: "perhaps"}), said("bob", 0, plan="free")], received=noon(0))
    assert refused_names(context.store, ["ann"]) == {name}
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
        assert set(agreeing(context, "consent_ads").to_pylist()) == yes
        for customer in ("ann", "bob", "a1", "a2"):
            ids = {customer, *(id_ for id_, known_by in linked.items() if known_by == customer)}
            if customer not in linked:
                mine = {name for (each, name), no in last.items() if each == customer and no}
                assert refused_names(context.store, ids) == mine
