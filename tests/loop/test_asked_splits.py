"""Whether one value suits everybody in a persona, asked of events that were recorded, folded and closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from living_personas.domain.belief import Subject
from living_personas.domain.event import EXPOSED, IDENTIFY, Event, Exposure
from living_personas.domain.goal import Goal
from living_personas.errors import InsufficientEvidenceError, UnknownNameError
from living_personas.loop import cycle
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.loop.splits.asked_splits import AskedSplit, ask_split
from loop.shops import DAY_ZERO, LOGGED, PERSONA, SETTINGS, context_of, morning_after, noon, state_of

pytestmark = pytest.mark.long

DAYS, UNITS = 24, 90
FRAMING = Subject(persona="buyer", attribute="framing")
TRAITS = replace(SETTINGS, traits=("country", "device"))


def lived(*, wants: dict[str, str], skewed: bool = False, seed: int = 3) -> Context:
    """A logged experiment: each day other customers, of whom something was told before they came."""
    generator = np.random.Generator(np.random.PCG64(seed))
    options, chance = list(LOGGED["logged"]), list(LOGGED["logged"].values())
    events = list[Event]()
    for day in range(DAYS):
        for number in range(UNITS):
            customer, at = f"c{day}-{number}", noon(day, hours=number / UNITS)
            device, country = generator.choice(["mobile", "desktop"]), generator.choice(["NL", "BE", "DE"])
            known = {"device": str(device), "country": str(country)}
            told = Event(message_id=f"{customer}-is", customer=customer, name=IDENTIFY, time=noon(-3), properties=known)
            events.append(told)
            option = str(generator.choice(options, p=[0.1, 0.45, 0.45] if skewed else chance))
            exposure = Exposure(attribute="framing", option=option, persona="buyer", policy="logged", epoch=str(day))
            events.append(
                Event(message_id=f"{customer}-met", customer=customer, name=EXPOSED, time=at, exposures=(exposure,))
            )
            if generator.random() < (0.6 if option == wants[str(device)] else 0.1):
                events.append(
                    Event(message_id=f"{customer}-b", customer=customer, name="Bought", time=at + timedelta(hours=2))
                )
    context = context_of(settings=TRAITS)
    record(context, events, received=noon(DAYS))
    cycle.run(context, now=morning_after(DAYS), owner="w")
    return context


def asked(context: Context, **said: set[str]) -> AskedSplit:
    closed = closed_through(context)
    assert closed is not None
    return ask_split(context, FRAMING, closed, **said)


@pytest.fixture(scope="module")
def reversed_() -> Context:
    return lived(wants={"mobile": "b", "desktop": "a"})


def test_two_parts_that_want_two_values_are_told_apart(reversed_: Context) -> None:
    before = state_of(reversed_.store)
    found = asked(reversed_)
    assert found.found.grade == "proven"
    assert found.found.leaf is not None
    question = found.questions[found.found.leaf]
    assert question.column == "device"
    inside, outside = (found.options[place] for place in found.found.best)
    assert (inside, outside) == (("b", "a") if question.than == "mobile" else ("a", "b"))
    assert found.first == DAY_ZERO + timedelta(days=7)
    assert state_of(reversed_.store).keys() == before.keys()


def test_a_later_look_asks_the_same_and_goes_on_from_where_it_was(reversed_: Context) -> None:
    """Looks may be taken as often as one likes, because none chooses what is asked or bet anew."""
    sooner = ask_split(reversed_, FRAMING, DAY_ZERO + timedelta(days=15))
    later = asked(reversed_)
    assert sooner.questions == later.questions
    assert sooner.first == later.first
    if sooner.found.grade == "proven":
        assert sooner.found == later.found


def test_who_is_linked_later_is_still_whom_it_was_when_it_came() -> None:
    """A link may be what an option brought about: those who met b sign in, and are found to be mobile visitors."""
    plain = lived(wants={"mobile": "b", "desktop": "a"}, seed=4)
    before, closed = asked(plain), closed_through(plain)
    assert closed is not None
    known = [f"k{number}" for number in range(DAYS * UNITS)]
    events = [
        Event(message_id=f"{each}-is", customer=each, name=IDENTIFY, time=noon(-3), properties={"device": "mobile"})
        for each in known
    ]
    ids = [f"c{day}-{number}" for day in range(DAYS) for number in range(UNITS)]
    events += [
        Event(message_id=f"{one}-links", customer=other, also=one, name="Signed In", time=noon(DAYS, hours=1))
        for one, other in zip(ids[::2], known[::2], strict=True)
    ]
    record(plain, events, received=noon(DAYS, hours=2))
    cycle.run(plain, now=morning_after(DAYS + 1), owner="w")
    after = ask_split(plain, FRAMING, closed)
    assert after.questions == before.questions
    assert after.found == before.found


def test_what_is_barred_is_not_what_it_is_told_by(reversed_: Context) -> None:
    found = asked(reversed_, barred={"device"})
    assert "device" not in {question.column for question in found.questions}
    assert found.found.grade == "silent"
    with pytest.raises(UnknownNameError, match="devise"):
        asked(reversed_, barred={"devise"})


def test_what_the_workspace_protects_is_barred_without_being_named(reversed_: Context) -> None:
    protecting = replace(reversed_, settings=replace(reversed_.settings, protected=("device",)))
    for barred in (set[str](), {"device"}):
        found = asked(protecting, barred=barred)
        assert "device" not in {question.column for question in found.questions}
        assert found.found.grade == "silent"


def test_where_one_value_suits_everybody_nothing_is_claimed() -> None:
    found = asked(lived(wants={"mobile": "b", "desktop": "b"}))
    assert found.found.grade == "silent"
    assert found.found.units > 0


def test_customers_who_do_not_come_in_the_shares_of_the_policy_hold_everything() -> None:
    assert asked(lived(wants={"mobile": "b", "desktop": "a"}, skewed=True)).found.grade == "held"


def test_what_cannot_be_asked_is_said(reversed_: Context) -> None:
    closed = DAY_ZERO + timedelta(days=DAYS - 1)
    with pytest.raises(UnknownNameError, match="byer"):
        ask_split(reversed_, Subject(persona="byer", attribute="framing"), closed)
    with pytest.raises(UnknownNameError, match="framng"):
        ask_split(reversed_, Subject(persona="buyer", attribute="framng"), closed)
    with pytest.raises(InsufficientEvidenceError, match="14 days"):
        ask_split(reversed_, FRAMING, DAY_ZERO + timedelta(days=10))


def test_a_goal_that_counts_values_is_refused() -> None:
    goal = Goal(event="Bought", within=timedelta(days=1), value="price", at_most=9.0)
    context = context_of(replace(PERSONA, goal=goal))
    cycle.run(context, now=noon(1), owner="w")
    with pytest.raises(InsufficientEvidenceError, match="counts values"):
        ask_split(context, FRAMING, DAY_ZERO)
