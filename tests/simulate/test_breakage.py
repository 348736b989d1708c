"""Each breakage does what it says, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA, EventBatch
from living_personas.domain.event import EXPOSED
from living_personas.simulate import breakage
from living_personas.simulate.behaviour import ORDER
from living_personas.simulate.spec import Breakage, BreakageKind, Forgery
from living_personas.simulate.tracking import broken
from living_personas.simulate.worlds import demo_spec
from simulate.lives import Lived, lived

ATTRIBUTE, OPTION = "framing", "quality"


@pytest.fixture
def batch(demo: Lived) -> EventBatch:
    return demo.batches[20]


def of(batch: EventBatch, event: str = ORDER) -> pa.Table:
    return batch.events.filter(pc.equal(batch.events["name"], event))


def others(batch: EventBatch, event: str = ORDER) -> pa.Table:
    return batch.events.filter(pc.not_equal(batch.events["name"], event))


def how(kind: BreakageKind) -> Breakage:
    return Breakage(kind=kind, first=0, last=0, attribute=ATTRIBUTE, option=OPTION)


@pytest.mark.parametrize("kind", get_args(BreakageKind))
def test_a_broken_batch_can_still_be_recorded(batch: EventBatch, demo: Lived, kind: BreakageKind) -> None:
    found = broken(batch, how(kind), last=demo.batches[19])
    assert found != batch
    assert found.events.schema == EVENT_SCHEMA
    assert found.exposures.schema == EXPOSURE_SCHEMA
    ids = found.events["message_id"].to_pylist()
    assert len(set(ids)) == len(ids)
    if kind != "channel gone":
        assert set(found.exposures["message_id"].to_pylist()) <= set(ids)


@pytest.mark.parametrize(
    "kind", ["zero", "half", "double", "delayed", "renamed", "all null", "values x100", "frozen feed"]
)
def test_other_events_are_left_alone(batch: EventBatch, demo: Lived, kind: BreakageKind) -> None:
    found = broken(batch, how(kind), last=demo.batches[19])
    kept = found.events.filter(
        pc.is_in(found.events["message_id"], value_set=others(batch)["message_id"].combine_chunks())
    )
    assert kept == others(batch)
    assert found.exposures == batch.exposures


def test_zero_half_and_double(batch: EventBatch) -> None:
    n = of(batch).num_rows
    assert n > 20
    assert of(breakage.zero(batch, event=ORDER)).num_rows == 0
    assert of(breakage.half(batch, event=ORDER)).num_rows == n // 2
    doubled = of(breakage.double(batch, event=ORDER))
    assert doubled.num_rows == 2 * n
    assert Counter(doubled["customer"].to_pylist()) == Counter({c: 2 * k for c, k in customers(batch).items()})


def customers(batch: EventBatch) -> Counter[str]:
    return Counter(of(batch)["customer"].to_pylist())


def test_clocks_jump_and_stamps_are_late(batch: EventBatch) -> None:
    for days in (-2, 3):
        found = of(breakage.clock_jump(batch, event=ORDER, by=timedelta(days=days)))
        assert pc.subtract(found["time"], of(batch)["time"]).unique().to_pylist() == [timedelta(days=days)]
        assert found["day"] == found["time"].cast(pa.date32())


def test_a_channel_is_gone(batch: EventBatch) -> None:
    found = breakage.channel_gone(batch, channel="email")
    assert "email" in batch.exposures["channel"].to_pylist()
    assert "email" not in [*found.events["channel"].to_pylist(), *found.exposures["channel"].to_pylist()]
    assert found.events.num_rows == batch.events.num_rows - batch.events["channel"].to_pylist().count("email")


def test_names_and_properties(batch: EventBatch) -> None:
    assert of(breakage.renamed(batch, event=ORDER), "order_completed").num_rows == of(batch).num_rows
    emptied = [json.loads(text) for text in of(breakage.all_null(batch, event=ORDER))["properties"].to_pylist()]
    assert {frozenset(each.items()) for each in emptied} == {
        frozenset({("discount", None), ("margin", None), ("revenue", None)})
    }
    before, after = revenue(batch), revenue(breakage.times_100(batch, event=ORDER))
    assert after == pytest.approx([100 * each for each in before])


def revenue(batch: EventBatch) -> list[float]:
    return [json.loads(text)["revenue"] for text in of(batch)["properties"].to_pylist()]


def test_half_and_half_arrives_as_45_to_55(demo: Lived) -> None:
    whole = EventBatch(events=demo.events, exposures=demo.exposures)
    found = breakage.split_45_55(whole, attribute=ATTRIBUTE, option=OPTION)
    before, after = (Counter(each.exposures["option"].to_pylist()) for each in (whole, found))
    assert after["quality"] / before["quality"] == pytest.approx(9 / 11, abs=0.002)
    assert after - Counter(quality=after["quality"]) == before - Counter(quality=before["quality"])


def test_a_frozen_feed_repeats_the_last_good_day(batch: EventBatch, demo: Lived) -> None:
    found = of(breakage.frozen(batch, event=ORDER, last=demo.batches[19]))
    assert found["customer"] == of(demo.batches[19])["customer"]
    assert found["day"].unique() == batch.events["day"].unique()


def test_robots_walk_through_one_option_and_buy(batch: EventBatch) -> None:
    found = breakage.bot_burst(batch, event=ORDER, share=0.2, sessions=5)
    robots = found.exposures.filter(pc.starts_with(found.exposures["customer"], "robot-"))
    assert len(robots["option"].unique()) == 1
    assert 0 < robots.num_rows <= 0.2 * batch.exposures.num_rows
    theirs = found.events.filter(pc.starts_with(found.events["customer"], "robot-"))
    assert Counter(theirs["name"].to_pylist()) == {
        name: n * robots.num_rows for name, n in ((EXPOSED, 1), ("Session Started", 5), (ORDER, 1))
    }


def test_forged_outcomes(batch: EventBatch) -> None:
    hit = batch.exposures.filter(pc.equal(batch.exposures["option"], "quality"))
    many = breakage.forged(batch, event=ORDER, share=0.25, attribute=ATTRIBUTE, option=OPTION)
    assert many.events.num_rows - batch.events.num_rows == pytest.approx(0.25 * hit.num_rows, abs=1)
    assert set(new_customers(many, batch)) <= set(hit["customer"].to_pylist())
    one = breakage.forged(batch, event=ORDER, share=0.25, one_customer=True, attribute=ATTRIBUTE, option=OPTION)
    assert len(set(new_customers(one, batch))) == 1


def new_customers(found: EventBatch, batch: EventBatch) -> list[str]:
    return list(found.events.slice(batch.events.num_rows)["customer"].to_pylist())


@given(size=st.integers(0, 300), share=st.floats(0, 1))
def test_a_share_is_spread_evenly(size: int, share: float) -> None:
    kept = breakage._every(size, share)
    assert kept.size == size
    assert abs(kept.sum() - size * share) <= 1
    assert all(abs(np.diff(np.flatnonzero(kept)) * share - 1) <= 1) if kept.sum() > 1 else True


def test_a_world_breaks_on_its_days_only() -> None:
    spec = demo_spec(1, customers=2_000)
    sound = lived(spec, days=12).batches
    for kind in ("zero", "delayed", "frozen feed"):
        batches = lived(replace(spec, breakages=(Breakage(kind=kind, first=4, last=6),)), days=12).batches
        same = [found == meant for found, meant in zip(batches, sound, strict=True)]
        assert same[:4] == [True] * 4
        assert same[4:7] == [False] * 3
        assert same[10:] == [True] * 2


def test_delayed_events_come_in_late_and_are_stamped_so() -> None:
    spec = demo_spec(1, customers=2_000)
    sound = lived(spec, days=12).batches
    found = lived(replace(spec, breakages=(Breakage(kind="delayed", first=4, last=6),)), days=12).batches
    counts = [of(each).num_rows - of(meant).num_rows for each, meant in zip(found, sound, strict=True)]
    assert [n < 0 for n in counts[4:7]] == [True] * 3
    assert counts[7:10] == [-n for n in counts[4:7]]
    for batch in found:
        assert len(batch.events["day"].unique()) == 1


def test_a_world_is_forged_on_its_days_only() -> None:
    spec = demo_spec(1, customers=2_000)
    forgery = Forgery(first=2, last=3, share=0.5, attribute=ATTRIBUTE, option=OPTION)
    sound, forged = lived(spec, days=5).batches, lived(replace(spec, forgeries=(forgery,)), days=5).batches
    assert [a == b for a, b in zip(sound, forged, strict=True)] == [True, True, False, False, True]
