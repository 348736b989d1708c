"""How a segment's members answered: members beforehand, shown the same by chance, and never without an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from living_personas.domain.candidate import Candidate
from living_personas.domain.event import EXPOSED, Event, Exposure
from living_personas.domain.response import Responses
from living_personas.domain.settings import Feature, Settings
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.folding.known_customers import known_customers
from living_personas.loop.recording.record import record
from living_personas.loop.segments.discovery import segments
from living_personas.loop.segments.responses import responses, window
from living_personas.reporting.response_words import response_words
from loop.searches import searched
from loop.shops import DAY_ZERO, LOGGED, PERSONA, context_of, morning_after, noon
from loop.test_segments import candidate

pytestmark = pytest.mark.long

DAYS = 30
SETTINGS = Settings(
    name="shop",
    salt="the salt of the shop",
    holdout=0.0,
    features=(Feature(name="visits", sql="count(*) filter (where name = 'Visited')"),),
)


def lived(
    *, members: float, others: float, customers: int = 450, member: bool = True, seed: int = 1, days: int = DAYS
) -> Context:
    """Every third customer visits a lot; what it is shown each day is drawn, and what it buys has these rates."""
    context = context_of(settings=SETTINGS)
    rng = np.random.Generator(np.random.PCG64(seed))
    options, shares = list(LOGGED["logged"]), list(LOGGED["logged"].values())
    for day in range(days):
        happened: list[Event] = []
        for number, option in enumerate(rng.choice(options, size=customers, p=shares)):
            name, met = f"c{number}", noon(day, hours=number / customers)
            inside = member and number % 3 == 0
            shown = Exposure(attribute="framing", option=str(option), persona="buyer", policy="logged", epoch=str(day))
            happened.append(
                Event(message_id=f"{name}-{day}", customer=name, name=EXPOSED, time=met, exposures=(shown,))
            )
            if inside:
                happened.append(Event(message_id=f"{name}-{day}-v", customer=name, name="Visited", time=met))
            if rng.random() < (members if inside else others):
                later = met + timedelta(hours=1)
                happened.append(Event(message_id=f"{name}-{day}-b", customer=name, name="Bought", time=later))
        record(context, happened, received=noon(day, hours=3))
    cycle.run(context, now=morning_after(days - 1), owner="w")
    return context


def found(rule: str = "visits >= 5", *, nearest: str = "buyer") -> Candidate:
    return replace(candidate(range(0, 450, 3)), assignment=rule, nearest=nearest)


def asked(context: Context, one: Candidate, day: date) -> Responses:
    days = window(context, day, wait=1)
    if days is None:
        return responses(context, one, day, known=None)
    with known_customers(context, days.since - timedelta(days=1)) as known:
        return responses(context, one, day, known=known)


LAST = DAY_ZERO + timedelta(days=DAYS - 1)


@pytest.fixture(scope="module")
def differing() -> Context:
    return lived(members=0.05, others=0.25)


def test_members_who_answer_less_are_told_apart_from_the_rest_of_their_persona(differing: Context) -> None:
    answers = asked(differing, found(), LAST)
    assert (answers.since, answers.through) == (LAST - timedelta(days=14), LAST - timedelta(days=1))
    assert [(each.attribute, each.option) for each in answers.found] == [("framing", o) for o in ("", "a", "b", "c")]
    overall, *by_option = answers.found
    assert (overall.members, overall.others) == (150, 300)
    assert all(140 <= each.members <= 150 and 290 <= each.others <= 300 for each in by_option)
    for each in answers.found:
        assert each.difference is not None
        assert each.difference.lower <= -0.2 <= each.difference.upper < 0


def test_the_answers_are_kept_with_the_segment_and_said(differing: Context) -> None:
    (before,) = searched(differing, found(), day=LAST)
    assert response_words(before) == (
        "Not known: nobody asked when it was found; it is asked whenever the segment is seen again.",
    )
    searched(differing, found(), day=LAST, answers=asked(differing, found(), LAST))
    (kept,) = segments(differing)
    first, *_ = response_words(kept)
    assert first.startswith("Less: framing, whatever was shown, \N{MINUS SIGN}")
    assert f"150 members against 300 others, {LAST - timedelta(days=14)} to {LAST - timedelta(days=1)}." in first


def test_members_who_answer_alike_are_not_said_to_differ() -> None:
    answers = asked(lived(members=0.2, others=0.2, seed=3), found(), LAST)
    assert all(each.difference and not each.difference.excludes_zero for each in answers.found)
    assert all(line.startswith("Not known yet: framing") for line in _words(answers))


def test_who_becomes_a_member_by_buying_is_not_said_to_buy_more() -> None:
    """A rule that counts orders finds those who had ordered: of the same rate for all, they ordered more by chance."""
    context = lived(members=0.1, others=0.1, member=False, seed=5)
    bought = Feature(name="orders", sql="count(*) filter (where name = 'Bought')")
    context = replace(context, settings=replace(context.settings, features=(bought,)))
    ((overall, *_),) = [asked(context, found("orders >= 2"), LAST).found]
    assert overall.difference is not None
    assert min(overall.members, overall.others) >= 100
    assert not overall.difference.excludes_zero


@pytest.mark.parametrize(
    ("one", "day", "why"),
    [
        (found(nearest="gone"), LAST, "no persona 'gone' is left"),
        (found(), DAY_ZERO + timedelta(days=12), "it takes 14 days"),
    ],
)
def test_what_cannot_be_asked_says_why(differing: Context, one: Candidate, day: date, why: str) -> None:
    answers = asked(differing, one, day)
    assert why in answers.missing
    assert answers.found == ()
    assert _words(answers)[0].startswith("Not known yet: ")


def test_too_few_members_are_no_answer(differing: Context) -> None:
    answers = asked(differing, found("visits >= 1000"), LAST)
    assert [each.difference for each in answers.found] == [None] * 4
    (line,) = _words(answers)
    assert line.startswith("Not known yet, of fewer than 100 customers: framing, whatever was shown; framing")


def _words(answers: Responses) -> Sequence[str]:
    context = context_of(PERSONA)
    (kept,) = searched(context, found(), day=LAST, answers=answers)
    return response_words(kept)
