"""The lives of segments: births seen twice, growth, splits, mergers and deaths told once; nothing dead stays open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.made import a_segment
from living_personas.domain.segment import LifeEvent, LifeKind, Segment
from living_personas.domain.settings import Settings
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.errors import InvalidDecisionError
from living_personas.loop.context import Context
from living_personas.loop.segments.adopting import dismiss_segment
from living_personas.loop.segments.automatic_adoption import born
from living_personas.loop.segments.lives import known_segments, live
from living_personas.outgoing.announcements import changes_in
from living_personas.ports import Store
from living_personas.reporting.labels import labels_of
from living_personas.reporting.life_words import Called, life_words
from living_personas.stores.memory import MemoryStore

MONDAY = date(2026, 3, 2)
CUSTOMERS = 10_000


def looked(store: Store, week: float, *groups: range, review: tuple[str, ...] = ()) -> tuple[Segment, ...]:
    """A search that saw these groups of customers, and no others."""
    day = MONDAY + timedelta(days=round(7 * week))
    seen = [
        (
            replace(
                a_segment(), first_seen=day, last_seen=day, size=len(group), share=len(group) / CUSTOMERS, review=review
            ),
            pa.table({"customer": pa.array([f"c{number}" for number in group], pa.string())}),
        )
        for group in groups
    ]
    return live(store, seen, day)


def told(segment: Segment) -> list[tuple[str, str]]:
    """What was told of it, with which other."""
    return [(event.kind, event.other) for event in segment.life]


def test_a_birth_is_believed_when_it_is_found_a_week_later() -> None:
    store = MemoryStore()
    assert born(looked(store, 0, range(500))) == ()
    assert born(looked(store, 1 / 7, range(500))) == ()  # the next day asks the same customers
    (segment,) = looked(store, 1, range(20, 520))
    assert told(segment) == [("confirmed", "")]
    assert born((segment,)) == (segment,)


def test_two_sightings_with_a_miss_or_a_month_between_are_no_birth() -> None:
    missed, later = MemoryStore(), MemoryStore()
    for week, groups in enumerate([[range(500)], [], [range(500)]]):
        found = looked(missed, week, *groups)
    assert born(found) == ()
    looked(later, 0, range(500))
    assert born(looked(later, 5, range(500))) == ()
    assert len(born(looked(later, 6, range(500)))) == 1


def test_what_is_not_found_any_more_is_missing_and_gone_after_a_week_and_has_its_name_when_it_returns() -> None:
    store = MemoryStore()
    for week in range(2):
        looked(store, week, range(500))
    looked(store, 2)
    looked(store, 2 + 1 / 7)
    (missing,) = known_segments(store)
    assert (missing.state, missing.missing_since) == ("open", MONDAY + timedelta(days=14))
    looked(store, 3)
    (gone,) = known_segments(store)
    assert told(gone) == [("confirmed", ""), ("missing", ""), ("gone", "")]
    assert gone.state == "gone"
    with pytest.raises(InvalidDecisionError, match="gone"):
        dismiss_segment(store, gone, day=MONDAY, by="Dana")
    (back,) = looked(store, 9, range(30, 530))
    assert (back.id, back.state, told(back)[-1], born((back,))) == (gone.id, "open", ("returned", ""), ())


def test_what_people_dismissed_is_not_missed() -> None:
    store = MemoryStore()
    (segment,) = looked(store, 0, range(500))
    dismiss_segment(store, segment, day=MONDAY, by="Dana")
    for week in range(1, 4):
        looked(store, week)
    (left,) = known_segments(store)
    assert (left.state, told(left)) == ("dismissed", [("dismissed", "")])


def test_a_split_and_a_merger_are_told_of_both() -> None:
    store = MemoryStore()
    for week in range(2):
        looked(store, week, range(600))
    looked(store, 2, range(400), range(400, 600))
    whole, part = known_segments(store)
    assert ("split", "s2") in told(whole)
    assert told(part) == [("split", "s1")]
    looked(store, 3, range(600))
    whole, part = known_segments(store)
    assert ("merged", "s2") in told(whole)
    assert (part.state, told(part)[-1]) == ("gone", ("merged", "s1"))


def test_a_segment_that_none_of_its_parts_is_like_is_gone_by_a_split_and_parts_that_become_one_by_a_merger() -> None:
    store = MemoryStore()
    for week in range(2):
        looked(store, week, range(600))
    looked(store, 2, range(200), range(200, 400), range(400, 600))
    whole, *parts = known_segments(store)
    assert (whole.state, told(whole)[1:]) == ("gone", [("split", "s2"), ("split", "s3"), ("split", "s4")])
    assert [told(part) for part in parts] == [[("split", "s1")]] * 3
    looked(store, 3, range(100, 700))
    assert {each.id: each.state for each in known_segments(store)} == dict.fromkeys(("s2", "s3", "s4"), "gone") | {
        "s1": "open"
    }


@pytest.mark.parametrize("late", [1, 2, 3])
def test_a_part_that_is_found_some_searches_after_it_left_is_told_for_a_fortnight(late: int) -> None:
    store = MemoryStore()
    for week in range(2):
        looked(store, week, range(600))
    for week in range(2, 2 + late):
        looked(store, week, range(400))
    looked(store, 2 + late, range(400), range(400, 600))
    whole, part = known_segments(store)
    assert told(part) == ([("split", "s1")] if late < 3 else [])
    assert (("split", "s2") in told(whole)) == (late < 3)


def test_growth_is_told_once_it_is_much_and_no_chance() -> None:
    store = MemoryStore()
    for week, size in enumerate([500, 520, 560, 630, 660, 640]):
        (segment,) = looked(store, week, range(size))
    (_, grown) = segment.life
    assert grown == LifeEvent(day=MONDAY + timedelta(days=28), kind="resized", share=0.066, share_before=0.052)


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_nothing_dead_stays_open_and_nobody_is_told_of_twice(seed: int) -> None:
    """Panels of twelve weeks in which segments are born, churn and die: one identity each, all dead ones closed."""
    draw = np.random.Generator(np.random.PCG64(seed))
    store, lives = MemoryStore(), [(1000 * n, int(draw.integers(0, 5)), int(draw.integers(5, 9))) for n in range(4)]
    for week in range(12):
        alive = [(start, birth) for start, birth, death in lives if birth <= week < death]
        looked(store, week, *(range(start + 20 * (week - birth), start + 500) for start, birth in alive))
    known = known_segments(store)
    assert len(known) == len(lives)
    assert {segment.state for segment in known} == {"gone"}
    assert all(len({event.kind for event in segment.life}) == len(segment.life) for segment in known)


def test_each_event_of_a_life_is_announced_once() -> None:
    store = MemoryStore()
    context = Context(store=store, engine=DuckDBEngine(), settings=Settings(name="Shop", salt="s"), personas=())
    for week in (0, 1, 2, 3):
        looked(store, week, *([range(500)] if week < 2 else []))
    told_now = changes_in(context)
    assert [(each.name, each.time.date()) for each in told_now] == [
        ("segment.discovered", MONDAY),
        ("segment.confirmed", MONDAY + timedelta(days=7)),
        ("segment.missing", MONDAY + timedelta(days=14)),
        ("segment.gone", MONDAY + timedelta(days=21)),
    ]
    assert len({each.id for each in told_now}) == len(told_now)
    looked(store, 4)
    assert changes_in(context) == told_now


@pytest.mark.parametrize("kind", get_args(LifeKind))
def test_every_kind_of_event_has_its_sentence(kind: LifeKind) -> None:
    event = LifeEvent(day=MONDAY, kind=kind, share=0.06, share_before=0.04, other="s7" if kind == "split" else "")
    called = Called(personas=labels_of([]), segments={"s7": "Night owls"})
    (said,) = life_words(replace(a_segment(), life=(event,)), called)
    assert said.startswith("2026-03-02: ")
    assert ("(segment 'Night owls')" in said) == (kind == "split")
