"""A chart says what it shows: axes with titles, a name, and a table of the same numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.belief import EffectDays, Interval
from living_personas.domain.event import Json
from living_personas.domain.goal import Goal
from living_personas.domain.report import PartReport, PartsReport
from living_personas.reporting.bars import bars
from living_personas.reporting.charts import Chart, belief_chart, effect_chart, map_chart, parts_chart
from living_personas.reporting.plain import chance_words
from living_personas.reporting.reading import EffectOn
from living_personas.reporting.segment_map import Mark, SegmentMap

FIRST = date(2026, 1, 1)
BOUGHT = Goal(event="Order Completed", within=timedelta(days=7))
SPENT = Goal(event="Order Completed", within=timedelta(days=7), value="revenue", at_most=500.0)
MEANS = st.floats(-0.5, 0.5)


def beliefs(chances: list[float]) -> Chart:
    rows = [
        {"option": option, "day": FIRST + timedelta(days=day), "prob_best": chance}
        for day, share in enumerate(chances)
        for option, chance in (("a", share), ("b", 1 - share))
    ]
    return belief_chart(pa.Table.from_pylist(rows), order=("b", "a"), decided=[FIRST.isoformat()])


def effects(means: list[float], goal: Goal) -> Chart:
    over = EffectDays(first=FIRST, last=FIRST, units=1_200, ahead_since=FIRST)
    course = [
        EffectOn(FIRST + timedelta(days=day), Interval(estimate=mean, lower=mean - 0.1, upper=mean + 0.1), over)
        for day, mean in enumerate(means)
    ]
    return effect_chart(course, goal=goal, new="a", old="b")


def parts(means: list[float | None], goal: Goal) -> Chart:
    """Parts of which nothing is known yet have no mean."""
    effect = [None if mean is None else Interval(estimate=mean, lower=mean - 0.1, upper=mean + 0.1) for mean in means]
    found = [
        PartReport(name=f"part {at}", effect=each, new_mean=None, old_mean=None, units=800, customers=449)
        for at, each in enumerate(effect)
    ]
    report = PartsReport(
        attribute="framing",
        channel="",
        new="a",
        old="b",
        column="home_country",
        percent=not goal.is_value,
        since=FIRST,
        parts=tuple(found),
    )
    return parts_chart(report, goal=goal)


def axes(spec: Json) -> Iterator[Any]:
    """The titles of all axes of a specification; a mark without one of its own leans on its neighbour's."""
    if isinstance(spec, dict):
        for name, each in spec.items():
            if name in ("x", "y") and isinstance(each, dict) and "title" in each:
                yield " ".join(map(str, lines)) if isinstance(lines := each["title"], list) else lines
            yield from axes(each)
    elif isinstance(spec, list):
        for each in spec:
            yield from axes(each)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_table_of_beliefs_holds_every_drawn_number(chances: list[float]) -> None:
    chart = beliefs(chances)
    drawn: Any = chart.spec["datasets"]
    shown = {(row[0], name): cell for row in chart.table.rows for name, cell in zip(("b", "a"), row[1:], strict=True)}
    assert {(row["day"], row["option"]): chance_words(row["prob_best"]) for row in drawn["rows"]} == shown
    assert not {"100 %", "100.0%", "0 %", "0.0%"} & {*shown.values()}, "no chance is certain"


@given(st.lists(st.none() | MEANS, min_size=1, max_size=14))
def test_the_table_of_parts_says_all_and_draws_what_is_known(means: list[float | None]) -> None:
    chart = parts(means, BOUGHT)
    drawn: Any = chart.spec["datasets"]
    told = {part: effect for part, effect, *_ in chart.table.rows}
    assert len(told) == len(means)
    assert {row["part"] for row in drawn["rows"]} == {
        part for part, effect in told.items() if effect != "not yet known"
    }
    assert {row[2:] for row in chart.table.rows} == {("800", "400")}, "customers in whole groups"
    assert {*axes(chart.spec)} == {"home country", "more Order Completed in 100 occasions"}
    assert str(chart.spec["description"]).startswith(chart.name)


@given(st.lists(MEANS, min_size=1, max_size=24))
def test_the_table_of_effects_holds_every_drawn_day(means: list[float]) -> None:
    chart = effects(means, BOUGHT)
    drawn: Any = chart.spec["datasets"]
    assert [row["day"] for row in drawn["rows"]] == [row[0] for row in chart.table.rows][::-1]
    assert all(" in 100 (" in row[1] for row in chart.table.rows)


def test_every_axis_has_a_title_and_every_chart_a_name() -> None:
    found = SegmentMap(marks=(Mark(x=1.0, y=2.0, customers=70, persona="p"),), across="more a", up="less b", sampled=70)
    charts = [beliefs([0.2, 0.4]), effects([0.1], BOUGHT), effects([0.1], SPENT), map_chart(found, {"p": "Regular"})]
    titles = [{*axes(chart.spec)} for chart in charts]
    assert titles == [
        {"day", "chance of being the best"},
        {"day", "more Order Completed in 100 occasions"},
        {"day", "more revenue an occasion"},
        {"more a \N{RIGHTWARDS ARROW}", "less b \N{RIGHTWARDS ARROW}"},
    ]
    assert all(str(chart.spec["description"]).startswith(chart.name) for chart in charts)
    assert '"title": ["more Order Completed in 100", "occasions"]' in json.dumps(charts[1].spec), "none is cut"
    assert charts[3].table.rows == (("1.00", "2.00", "50", "Regular"),), "customers in whole groups"
    assert all("color" not in json.dumps(chart.spec.get("config", {})) for chart in charts)


@given(st.lists(MEANS, min_size=1, max_size=5), st.booleans())
def test_an_axis_has_round_numbers_inside_of_its_ends(means: list[float], percent: bool) -> None:  # noqa: FBT001
    effects = [Interval(estimate=mean, lower=mean - 0.01, upper=mean + 0.02) for mean in means]
    found = [bar for bar in bars(effects, percent=percent) if bar is not None]
    ticks = found[0].ticks
    assert 2 <= len(ticks) <= 6
    assert "0" in [tick.says for tick in ticks]
    assert all(0 <= tick.place <= 100 and len(tick.says) <= 8 for tick in ticks)
    assert len({bar.ticks for bar in found}) == 1, "all bars have one axis"
