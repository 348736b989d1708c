"""A world is the same for the same seed, and what customers do unasked is the same whatever is decided."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA
from living_personas.domain.event import EXPOSED, IDENTIFY
from living_personas.errors import InvalidWorldError
from living_personas.simulate.behaviour import ORDER, UNSUBSCRIBED
from living_personas.simulate.policies import drawn, replayed
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec
from simulate.lives import Lived, joined, lived

ANSWERED = (EXPOSED, ORDER, UNSUBSCRIBED)


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, other = (lived(demo_spec(3, customers=800), days=6) for _ in range(2))
    assert joined([*one.history, *one.batches]) == joined([*other.history, *other.batches])
    assert one.world.answers() == other.world.answers()
    assert one.world.truth.summary() == other.world.truth.summary()


def test_another_seed_is_another_life() -> None:
    one, other = (lived(demo_spec(seed, customers=800), days=3) for seed in (3, 4))
    assert one.events != other.events
    assert one.world.truth.segment("silent-evaluator").members != other.world.truth.segment("silent-evaluator").members


def test_events_and_exposures_are_as_the_store_wants_them(demo: Lived) -> None:
    assert demo.events.schema == EVENT_SCHEMA
    assert demo.exposures.schema == EXPOSURE_SCHEMA
    for batch, day in zip(demo.batches, demo.world.days(), strict=False):
        ids = batch.events["message_id"]
        assert ids.to_pylist() == [f"sim/{day}/{number}" for number in range(len(batch))]
        assert batch.events["day"].unique().to_pylist() == [day]
        exposed = batch.events.filter(pc.equal(batch.events["name"], EXPOSED))
        assert set(exposed["message_id"].to_pylist()) == set(batch.exposures["message_id"].to_pylist())
    assert demo.events["hour"] == pc.hour(demo.events["time"]).cast(pa.int8())
    assert demo.events["day"] == demo.events["time"].cast(pa.date32())


def test_the_history_is_before_the_first_day_and_decides_nothing(demo: Lived) -> None:
    history = joined(demo.history)
    assert pc.max(history.events["day"]).as_py() < demo.world.spec.first_day
    assert not history.exposures.num_rows
    known = history.events.filter(pc.equal(history.events["name"], IDENTIFY))
    assert len(known["customer"].unique()) == known.num_rows == round(0.75 * demo.world.spec.customers)


def test_everybody_is_introduced_once(demo: Lived) -> None:
    events = joined([*demo.history, *demo.batches]).events
    introduced = events.filter(pc.equal(events["name"], IDENTIFY))["customer"]
    assert len(introduced.unique()) == len(introduced)
    assert set(events["customer"].unique().to_pylist()) <= set(introduced.to_pylist())


def test_each_customer_has_one_occasion_a_week(demo: Lived) -> None:
    exposures = demo.exposures.filter(pc.less(demo.exposures["day"], pa.scalar(demo.world.spec.first_day + 4 * WEEK)))
    one = exposures.group_by("customer").aggregate([("attribute", "count"), ("day", "count_distinct")])
    assert one["attribute_count"] == one["day_count_distinct"]
    assert pc.max(one["day_count_distinct"]).as_py() == 4


WEEK = timedelta(days=7)


def test_what_is_done_unasked_does_not_depend_on_what_is_decided() -> None:
    spec = demo_spec(5, customers=1_000)
    one = lived(spec, days=2)
    other = lived(spec, days=2, shares={("budget-first-buyer", "framing"): (0.0, 1.0, 0.0, 0.0)})
    assert unasked(one) == unasked(other)
    assert one.exposures != other.exposures


def unasked(life: Lived) -> pa.Table:
    events = life.events.filter(pc.invert(pc.is_in(life.events["name"], value_set=pa.array(ANSWERED))))
    return events.drop_columns(["message_id"])


def test_days_are_lived_in_order(demo: Lived) -> None:
    spec = demo.world.spec
    world = World(spec)
    with pytest.raises(InvalidWorldError, match="not the turn of 2026-01-06") as told:
        world.live(spec.first_day + timedelta(days=1), drawn(world))
    assert str(spec.first_day) in told.value.hint


def test_decisions_are_for_those_who_were_asked_about() -> None:
    world = World(demo_spec(1, customers=500))
    day = next(world.days())
    with pytest.raises(InvalidWorldError, match="'stranger'"):
        world.live(day, lambda asked: _renamed(drawn(world)(asked), "stranger"))
    with pytest.raises(InvalidWorldError, match="'epoch'"):
        world.live(day, lambda asked: drawn(world)(asked).drop_columns(["epoch"]))


def _renamed(decisions: pa.Table, customer: str) -> pa.Table:
    return decisions.set_column(0, "customer", pa.repeat(customer, decisions.num_rows))


def test_nobody_has_to_be_decided_for() -> None:
    world = World(demo_spec(1, customers=3_000))
    days = list(world.days())[:10]
    batches = [world.live(day, lambda asked: drawn(world)(asked).slice(0, 0)) for day in days]
    assert not any(batch.exposures.num_rows for batch in batches)
    assert world.answers().num_rows == 0
    assert any(pc.any(pc.equal(batch.events["name"], ORDER)).as_py() for batch in batches)


def test_a_logged_policy_is_lived_again() -> None:
    spec = demo_spec(2, customers=1_000)
    first, log = World(spec), list[pa.Table]()

    def logging(asked: pa.Table) -> pa.Table:
        decisions = drawn(first)(asked)
        log.append(decisions.append_column("day", pa.repeat(asked["day"][0], decisions.num_rows)))
        return decisions

    days = list(first.days())[:5]
    batches = [first.live(day, logging) for day in days]
    again = World(spec)
    assert joined(batches) == joined([again.live(day, replayed(pa.concat_tables(log))) for day in days])
    with pytest.raises(InvalidWorldError, match="'day'"):
        replayed(log[0].drop_columns(["day"]))


def test_activity_is_seasonal_and_heavy_tailed(demo: Lived) -> None:
    sessions = demo.events.filter(pc.equal(demo.events["name"], "Session Started"))
    each = np.array(sessions.group_by("customer").aggregate([("name", "count")])["name_count"])
    assert each.var() > 3 * each.mean()
    weekday = np.array(pc.day_of_week(sessions["day"]))
    by_weekday = np.bincount(weekday, minlength=7)
    assert by_weekday[[1, 2]].min() > 1.2 * by_weekday[[5, 6]].max()


def test_robots_are_busy_and_never_buy(demo: Lived) -> None:
    robots = demo.world.people.ids.filter(pa.array(demo.world.people.robot))
    theirs = demo.events.filter(pc.is_in(demo.events["customer"], value_set=robots))
    assert theirs.num_rows > 100 * len(robots)
    assert ORDER not in theirs["name"].unique().to_pylist()
