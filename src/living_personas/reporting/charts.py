"""Charts as Vega-Lite, each with its name and the table of its numbers; whoever shows one brings the colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from textwrap import wrap
from types import ModuleType
from typing import Any

import pyarrow as pa

from living_personas.domain.belief import Interval
from living_personas.domain.event import Json
from living_personas.domain.goal import Goal
from living_personas.domain.head_count import SMALLEST
from living_personas.domain.names import attribute_name
from living_personas.domain.report import AttributeReport, PartsReport
from living_personas.domain.told_number import with_minus
from living_personas.domain.value import value
from living_personas.domain.worth import Worth
from living_personas.extras import extra_module
from living_personas.reporting.crowd import crowd, occasions
from living_personas.reporting.page import Table
from living_personas.reporting.plain import chance_words, difference_unit, effect_words, mean_words, quoted
from living_personas.reporting.reading import EffectOn
from living_personas.reporting.segment_map import SegmentMap
from living_personas.reporting.worth_words import worth_ends, worth_unit
from living_personas.rules.rule_words import column_words

__all__ = [
    "PLOTS",
    "Chart",
    "Spec",
    "belief_chart",
    "belief_order",
    "effect_chart",
    "map_chart",
    "parts_chart",
    "rates_chart",
    "size_chart",
    "thinned",
    "worth_chart",
]

Spec = dict[str, Json]

PLOTS = "Plots need (other forms, such as `--format md`, do not)"
"""What needs the extra ``charts``."""

POINTS = 60
"""Days that a line shows at most."""

HEIGHT, MAP_HEIGHT = 190, 380
"""Pixels of what is drawn over time, and of a map."""

LETTER, NARROW = 7, 280
"""Pixels that a letter of an axis takes, and that an axis has on a phone."""

DASHES = ([1, 0], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 2], [12, 4], [3, 6])
"""How lines are told apart without colours, in order."""


@value
class Chart:
    """A drawing, what it is called, and the table of the numbers that it shows.

    ``spec`` is Vega-Lite without colours, as wide as its container; its ``description`` is what screen readers say.
    """

    spec: Spec
    name: str
    table: Table


def belief_chart(
    days: pa.Table, *, order: Sequence[str], decided: Sequence[str] = (), label: Callable[[str], str] = str
) -> Chart:
    """How probable each option was the best, day by day; days of decision are marked.

    Parameters
    ----------
    days
        The ledger's ``option, day, prob_best``.
    order
        The options, the present value first: its line is solid.
    label
        What people call an option.
    """
    rows = [{**row, "option": label(str(row["option"]))} for row in thinned(days)]
    order = [*map(label, order)]
    name = "How probable each option was the best, as it was known on each day"
    if decided:
        name += "; dashed: the day it was decided"
    chances = {(str(row["day"]), str(row["option"])): row["prob_best"] for row in rows}
    shown = sorted({day for day, _ in chances}, reverse=True)
    said = {key: chance_words(chance) for key, chance in chances.items() if isinstance(chance, float)}
    told = tuple((day, *(said.get((day, option), "") for option in order)) for day in shown)
    last = ", ".join(f"{option} {chance}" for option, chance in zip(order, told[0][1:], strict=True)) if told else ""
    spec = _filled(
        _belief(tuple(order), decided=bool(decided)),
        f"{name}. On {shown[0]}: {last}." if shown else name,
        rows=[*rows],
        decided=[{"day": day} for day in decided],
    )
    return Chart(spec=spec, name=name, table=Table(columns=("day", *order), rows=told, numbers=tuple(order)))


def belief_order(attribute: AttributeReport) -> tuple[str, ...]:
    """The options as they are drawn: the present value, what was believed, and the others."""
    options = (option.option for option in attribute.options)
    return tuple(dict.fromkeys([attribute.value, attribute.believed, *options]))


def effect_chart(course: Sequence[EffectOn], *, goal: Goal, new: str, old: str) -> Chart:
    """The effect of one option against another, with its interval, over time; the line at nothing is no difference."""
    percent = not goal.is_value
    scale = 100.0 if percent else 1.0
    rows: list[Json] = [
        {
            "day": on.day.isoformat(),
            "effect": round(on.effect.estimate * scale, 4),
            "low": round(on.effect.lower * scale, 4),
            "high": round(on.effect.upper * scale, 4),
        }
        for on in course
    ]
    name = f"{quoted(new)} against {quoted(old)}, with its interval; dashed: no difference"
    told = tuple(
        (on.day.isoformat(), effect_words(on.effect, percent=percent), str(on.over.count), occasions(on.over.units))
        for on in reversed(course)
    )
    spec = _filled(
        _effect(difference_unit(goal)), f"{name}. On {told[0][0]}: {told[0][1]}." if told else name, rows=rows
    )
    columns = ("day", "effect of the last days known then", "days", "occasions")
    return Chart(spec=spec, name=name, table=Table(columns=columns, rows=told, numbers=("days", "occasions")))


def map_chart(found: SegmentMap, names: Mapping[str, str]) -> Chart:
    """Marks of at least a crowd each, by the persona that most of them have: colour and shape say which."""
    rows: list[Json] = [{"x": m.x, "y": m.y, "persona": names.get(m.persona, "no persona")} for m in found.marks]
    name = (
        "Each mark is customers who do much the same; its sign and colour say which persona most of them have"
        " (both axes in standard deviations)"
    )
    told = tuple(
        (with_minus(f"{m.x:.2f}"), with_minus(f"{m.y:.2f}"), crowd(m.customers), names.get(m.persona, "no persona"))
        for m in sorted(found.marks, key=lambda mark: mark.x)
    )
    across, up = f"across ({found.across})", f"up ({found.up})"
    spec = _filled(_map(found.across, found.up), f"{name}. {len(told)} marks.", rows=rows)
    table = Table(columns=(across, up, "customers", "mostly"), rows=told, numbers=(across, up, "customers"))
    return Chart(spec=spec, name=name, table=table)


def parts_chart(found: PartsReport, *, goal: Goal) -> Chart:
    """The effect of each part with its interval, in the order of the table; parts of which nothing is known are left.

    The table says all of them. ``found`` has at least one part.
    """
    scale = 100.0 if found.percent else 1.0
    rows: list[Json] = [
        {
            "part": each.name,
            "effect": round(each.effect.estimate * scale, 4),
            "low": round(each.effect.lower * scale, 4),
            "high": round(each.effect.upper * scale, 4),
        }
        for each in found.parts
        if each.effect is not None
    ]
    name = f"{quoted(found.new)} against {quoted(found.old)} by {found.column}, to explore; dashed: no difference"
    told = tuple(
        (each.name, effect_words(each.effect, percent=found.percent), occasions(each.units), crowd(each.customers))
        for each in found.parts
    )
    said = "; ".join(f"{part} {effect}" for part, effect, *_ in told)
    spec = _filled(_parts(len(rows), difference_unit(goal), column_words(found.column)), f"{name}. {said}.", rows=rows)
    columns = (found.column, "difference", "occasions", "customers, at least")
    return Chart(spec=spec, name=name, table=Table(columns=columns, rows=told, numbers=columns[2:]))


def rates_chart(attribute: AttributeReport, *, percent: bool) -> Chart:
    """Each option's mean outcome with its interval; the belief and the present value are named, not only coloured.

    Raises
    ------
    MissingExtraError
        If no extra that brings altair is installed.
    """
    met = [(_label(each.option, attribute), each) for each in attribute.options if each.rate is not None]
    rows: list[Json] = [
        {"option": label, **_ends(each.rate, percent=percent), "current": each.option == attribute.value}
        for label, each in met
        if each.rate is not None
    ]
    about = attribute_name(attribute.attribute, attribute.channel)
    name = f"{about}: outcome per occasion, with intervals that hold at every time at once"
    told = tuple((label, f"{each.units:,}", mean_words(each.rate, percent=percent)) for label, each in met)
    spec = _filled(
        _rates(len(rows), "outcomes in 100 occasions" if percent else "outcome per occasion"),
        f"{name}. {'; '.join(f'{label} {mean}' for label, _, mean in told)}.",
        rows=rows,
    )
    columns = ("option", "occasions", "outcome per occasion")
    return Chart(spec=spec, name=name, table=Table(columns=columns, rows=told, numbers=("occasions",)))


def worth_chart(course: Sequence[Worth]) -> Chart:
    """What one outcome was worth as it was known on each day, oldest first, with its interval; days without are left.

    ``course`` is not empty, and of one outcome.
    """
    totals = [(each, total) for each in course if (total := each.total) is not None]
    rows: list[Json] = [
        {"day": each.day.isoformat(), "effect": round(of.estimate), "low": round(of.lower), "high": round(of.upper)}
        for each, of in totals
    ]
    unit = worth_unit(course[0])
    name = f"{unit}: what all living customers did more than as held out since {course[0].since}, to each day"
    told = tuple(
        (each.day.isoformat(), worth_ends(of), crowd(each.living_customers), crowd(each.static_customers))
        for each, of in reversed(totals)
    )
    last = f"{name}. On {told[0][0]}: {told[0][1]}." if told else name
    spec = _filled(_effect(f"{unit}, more than held out"), last, rows=rows)
    columns = ("day", "in all", "living", "held out")
    return Chart(
        spec=spec,
        name=f"{name}, with its interval; dashed: no difference",
        table=Table(columns=columns, rows=told, numbers=columns[1:]),
    )


def size_chart(course: Sequence[tuple[date, int]], *, versions: Mapping[int, date]) -> Chart:
    """How many customers in whole groups, oldest first; the days of versions among these days are marked."""
    rows: list[Json] = [{"day": day.isoformat(), "customers": customers} for day, customers in course]
    first, last = course[0][0], course[-1][0]
    marks: list[Json] = [
        {"day": day.isoformat(), "version": f"v{number}"} for number, day in versions.items() if first <= day <= last
    ]
    name = f"Customers of this persona on each day, in whole {SMALLEST}s; dashed: a new version"
    told = tuple((day.isoformat(), f"{customers:,}") for day, customers in reversed(course))
    spec = _filled(_sizes(), f"{name}. On {told[0][0]}: {told[0][1]}.", rows=rows, versions=marks)
    return Chart(spec=spec, name=name, table=Table(columns=("day", "customers"), rows=told, numbers=("customers",)))


def thinned(days: pa.Table) -> list[dict[str, Json]]:
    """The rows of at most ``POINTS`` days of each option, evenly spread, the last among them."""
    rows = sorted(days.to_pylist(), key=lambda row: (row["option"], row["day"]))
    kept: list[dict[str, Json]] = []
    for _, group in groupby(rows, key=lambda row: row["option"]):
        mine = list(group)
        step = -(-len(mine) // POINTS)
        shown = mine[::-1][::step][::-1]
        kept += [
            {"option": row["option"], "day": row["day"].isoformat(), "prob_best": round(row["prob_best"], 4)}
            for row in shown
        ]
    return kept


@lru_cache(maxsize=256)
def _belief(order: tuple[str, ...], *, decided: bool) -> Spec:
    """The drawing without its numbers: composing one takes altair a tenth of a second."""
    alt = _altair()
    scale = {"domain": list(order)}
    dashes = [DASHES[i % len(DASHES)] for i in range(len(order))]
    lines = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_line(strokeWidth=2.5, interpolate="monotone")
        .encode(
            x=_days(alt),
            y=alt.Y(
                "prob_best:Q",
                title="chance of being the best",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(labelExpr="format(100 * datum.value, '.0f') + ' %'", tickCount=5),
            ),
            color=alt.Color("option:N", title=None, scale=alt.Scale(**scale), legend=alt.Legend(orient="top")),
            strokeDash=alt.StrokeDash("option:N", title=None, scale=alt.Scale(**scale, range=dashes)),
        )
    )
    if not decided:
        return _plain(lines.properties(width="container", height=HEIGHT))
    marks = alt.Chart(alt.NamedData(name="decided")).mark_rule(strokeDash=[4, 3], strokeWidth=1.5).encode(x="day:T")
    return _plain((lines + marks).properties(width="container", height=HEIGHT))


def _lines(title: str, room: int) -> list[str]:
    """The title of an axis in as many lines as fit into so many pixels each."""
    return wrap(title, room // LETTER)


@lru_cache(maxsize=64)
def _effect(title: str) -> Spec:
    alt = _altair()
    base = alt.Chart(alt.NamedData(name="rows")).encode(x=_days(alt))
    band = base.mark_area(opacity=0.25).encode(
        y=alt.Y("low:Q", title=_lines(title, HEIGHT), axis=alt.Axis(tickCount=5, titleLimit=HEIGHT)), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2.5).encode(y="effect:Q")
    nothing = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(strokeDash=[4, 3]).encode(y="zero:Q")
    return _plain((band + line + nothing).properties(width="container", height=HEIGHT))


@lru_cache(maxsize=1)
def _sizes() -> Spec:
    alt = _altair()
    axis = alt.Axis(tickCount=4, format="~s")
    rows, marks = (alt.Chart(alt.NamedData(name=name)).encode(x=_days(alt)) for name in ("rows", "versions"))
    line = rows.mark_line(strokeWidth=2.5, interpolate="step-after").encode(
        y=alt.Y("customers:Q", title="customers", axis=axis, scale=alt.Scale(zero=True))
    )
    rule = marks.mark_rule(strokeDash=[4, 3], strokeWidth=1.5)
    names = marks.mark_text(align="left", dx=4, fontSize=11).encode(y=alt.value(8), text="version:N")
    return _plain((line + rule + names).properties(width="container", height=HEIGHT))


@lru_cache(maxsize=4)
def _map(across: str, up: str) -> Spec:
    alt = _altair()
    bare = {"ticks": False, "grid": False, "tickCount": 5}
    upright = alt.Axis(**bare, titleLimit=MAP_HEIGHT)
    chart = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_point(filled=True, opacity=0.75, size=90)
        .encode(
            x=alt.X("x:Q", title=_lines(f"{across} \N{RIGHTWARDS ARROW}", NARROW), axis=alt.Axis(**bare)),
            y=alt.Y("y:Q", title=_lines(f"{up} \N{RIGHTWARDS ARROW}", MAP_HEIGHT), axis=upright),
            color=alt.Color("persona:N", title=None, legend=alt.Legend(orient="top")),
            shape=alt.Shape("persona:N", title=None),
        )
    )
    return _plain(chart.properties(width="container", height=MAP_HEIGHT))


@lru_cache(maxsize=64)
def _rates(options: int, title: str) -> Spec:
    alt = _altair()
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        y=alt.Y(
            "option:N", sort=None, axis=alt.Axis(title="option", titleAngle=0, titleAlign="right", titleX=-7, titleY=-9)
        ),
    )
    axis = alt.Axis(labelOverlap=True)
    bars = base.mark_rule(strokeWidth=6, opacity=0.4, style="interval").encode(
        x=alt.X("low:Q", title=title, axis=axis, scale=alt.Scale(zero=False)), x2="high:Q"
    )
    shades = alt.Opacity("current:N", scale=alt.Scale(domain=[True, False], range=[1, 0.6]), legend=None)
    points = base.mark_point(filled=True, size=110).encode(x="mean:Q", opacity=shades)
    return _plain((bars + points).properties(width="container", height=34 * options))


@lru_cache(maxsize=64)
def _parts(parts: int, title: str, column: str) -> Spec:
    alt = _altair()
    beside = alt.Axis(titleAngle=0, titleAlign="right", titleX=-7, titleY=-9)
    base = alt.Chart(alt.NamedData(name="rows")).encode(y=alt.Y("part:N", sort=None, title=column, axis=beside))
    bars = base.mark_rule(strokeWidth=6, opacity=0.4, style="interval").encode(
        x=alt.X("low:Q", title=title, axis=alt.Axis(labelOverlap=True, tickCount=5)), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=110).encode(x="effect:Q")
    nothing = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(strokeDash=[4, 3]).encode(x="zero:Q")
    return _plain((nothing + bars + points).properties(width="container", height=34 * max(parts, 1)))


def _filled(drawing: Spec, description: str, **datasets: list[Json]) -> Spec:
    return {**drawing, "description": description, "datasets": {**datasets}}


def _days(alt: ModuleType) -> Any:
    return alt.X("day:T", title="day", axis=alt.Axis(grid=False, tickCount=5, labelOverlap=True))


def _ends(rate: Interval, *, percent: bool) -> dict[str, Json]:
    """What is drawn of a mean, in 100 occasions if it is a share."""
    scale, lower = (100.0, max(rate.lower, 0.0)) if percent else (1.0, rate.lower)
    ends = {"low": lower, "mean": rate.estimate, "high": rate.upper}
    return {name: round(end * scale, 4) for name, end in ends.items()}


def _label(option: str, attribute: AttributeReport) -> str:
    said = (("now", option == attribute.value), ("believed", option == attribute.believed))
    notes = [note for note, applies in said if applies]
    named = attribute.label(option)
    return f"{named} ({', '.join(notes)})" if notes else named


def _altair() -> ModuleType:
    return extra_module("altair", extra="charts", what=PLOTS)  # half a second to import


def _plain(chart: object) -> Spec:
    spec: Spec = chart.to_dict()  # type: ignore[attr-defined] # every altair chart has it; altair is an extra
    spec.pop("config", None)
    return spec
