"""Laws of what is shown about people: no mark and no number of fewer than a crowd; charts and bars say what is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.desk import Desk
from living_personas.domain.belief import Interval
from living_personas.domain.head_count import SMALLEST, head_count, head_share
from living_personas.reporting.bars import bars
from living_personas.reporting.charts import POINTS, thinned
from living_personas.reporting.crowd import crowd, trend
from living_personas.reporting.member_spreads import member_spreads
from living_personas.reporting.segment_map import MOST_MARKS, map_of

DAY = date(2026, 1, 1)
counts = st.integers(0, 3 * SMALLEST)


@given(st.integers(0, 10_000_000))
def test_a_number_of_people_is_of_whole_groups(people: int) -> None:
    said = crowd(people)
    assert (said == f"fewer than {SMALLEST}") == (people < SMALLEST)
    if people >= SMALLEST:
        assert 0 <= people - int(said.replace(",", "")) < SMALLEST
        assert int(said.replace(",", "")) % SMALLEST == 0


@given(share=st.floats(0, 1), of=st.integers(0, 20_000), joined=st.integers(0, SMALLEST - 1))
def test_a_share_tells_no_more_than_the_counts_do(share: float, of: int, joined: int) -> None:
    """Whoever knows how many there are in all learns of the part what its rounded count says."""
    said = head_share(share, of=of)
    part = head_count(round(share * of))
    assert (said is None) == (part is None)
    whole = of // SMALLEST * SMALLEST
    inside = [people for people in (round(share * of), round(share * of) + joined) if people <= of]
    told = {head_count(people) for people in inside}
    assert {head_share(people / of, of=of) for people in inside if of} == {
        None if each is None else round(each / whole, 4) for each in told if of
    }


@given(counts, counts)
def test_a_trend_tells_of_whole_groups_that_came_or_went(before: int, now: int) -> None:
    said = trend({DAY: {"a": before}, DAY + timedelta(days=7): {"a": now}}, "a")
    if min(before, now) < SMALLEST:
        assert said == ""
    elif head_count(before) == head_count(now):
        assert said == "as 7 days before"
    else:
        assert said == f"{'up' if now > before else 'down'} from {crowd(before)} in 7 days", (
            "no share of rounded numbers"
        )
    rounded = {DAY: {"a": head_count(before) or 0}, DAY + timedelta(days=7): {"a": head_count(now) or 0}}
    assert trend(rounded, "a") == said


@settings(max_examples=25)
@given(n=st.integers(2 * SMALLEST, 900), features=st.integers(2, 5), seed=st.integers(0, 99), levels=st.integers(2, 50))
def test_a_map_has_no_mark_of_fewer_than_a_crowd_and_loses_nobody(
    n: int, features: int, seed: int, levels: int
) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    columns = rng.integers(0, levels, (n, features)).astype(np.float64)
    columns[rng.random((n, features)) < 0.1] = np.nan
    found = map_of(columns, names=[f"f{i}" for i in range(features)], personas=["a", "b"] * (n // 2) + ["a"] * (n % 2))
    if found is None:
        return
    assert sum(mark.customers for mark in found.marks) == n
    assert min(mark.customers for mark in found.marks) >= SMALLEST
    assert len(found.marks) <= 2 * MOST_MARKS
    assert all(np.isfinite((mark.x, mark.y)).all() for mark in found.marks)


def test_nothing_that_differs_is_no_map() -> None:
    assert map_of(np.ones((200, 3)), names=["a", "b", "c"], personas=["p"] * 200) is None


ends = st.floats(-5, 5).filter(lambda x: abs(x) > 1e-6)


@given(st.lists(st.tuples(ends, ends, ends), min_size=1, max_size=6))
def test_bars_keep_the_order_of_what_they_show(found: list[tuple[float, float, float]]) -> None:
    effects = [Interval(lower=low, estimate=mid, upper=high) for low, mid, high in map(sorted, found)]
    for effect, bar in zip(effects, bars(effects, percent=False), strict=True):
        assert bar is not None
        assert 0 < bar.lower <= bar.estimate <= bar.upper < 100
        assert (bar.lower >= bar.zero) == (effect.lower >= 0) or abs(bar.lower - bar.zero) <= 0.01
        assert bar.zero == bars(effects, percent=False)[0].zero  # type: ignore[union-attr] # all of them are known


@given(st.integers(1, 900))
def test_a_thinned_line_keeps_its_last_day(days: int) -> None:
    table = pa.table(
        {
            "option": ["a", "b"] * days,
            "day": [DAY + timedelta(days=i // 2) for i in range(2 * days)],
            "prob_best": [0.5] * (2 * days),
        }
    )
    rows = thinned(table)
    assert len(rows) <= 2 * POINTS
    last = (DAY + timedelta(days=days - 1)).isoformat()
    assert {row["option"] for row in rows if row["day"] == last} == {"a", "b"}


def test_no_sheet_tells_how_what_is_protected_is_spread(shown: Desk) -> None:
    open_ = {each.name for each in member_spreads(shown.context, "steady-regular", traits=["average_order_value"])}
    assert "average_order_value" in open_
    held = replace(shown.context, settings=replace(shown.context.settings, protected=("average_order_value",)))
    names = {each.name for each in member_spreads(held, "steady-regular", traits=["average_order_value"])}
    assert names
    assert "average_order_value" not in names
