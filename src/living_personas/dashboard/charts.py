"""Charts as Vega-Lite specifications; colours come from the page, so that light and dark are one specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from types import ModuleType

import pyarrow as pa

from living_personas.domain.event import Json
from living_personas.extras import extra_module
from living_personas.reporting.reading import EffectOn
from living_personas.reporting.segment_map import SegmentMap

__all__ = ["Spec", "belief_chart", "effect_chart", "map_chart", "thinned"]

Spec = dict[str, Json]

POINTS = 120
"""Days that a line shows at most."""


DASHES = ([1, 0], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 2], [12, 4], [3, 6])
"""How lines are told apart without colours, in order."""


def belief_chart(days: pa.Table, *, order: Sequence[str], decided: Sequence[str] = ()) -> Spec:
    """How probable each option was the best, day by day; days of decision are marked.

    ``order`` are the options, the present value first: its line is solid.
    """
    rows: list[Json] = [*thinned(days)]
    marks: list[Json] = [{"day": day} for day in decided]
    return {**_belief(tuple(order), decided=bool(marks)), "datasets": {"rows": rows, "decided": marks}}


def effect_chart(course: Sequence[EffectOn], *, percent: bool) -> Spec:
    """An effect and its interval over time; the line at nothing is where the workshop stood."""
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
    return {**_effect("difference in 100" if percent else "difference"), "datasets": {"rows": rows}}


def map_chart(found: SegmentMap, names: Mapping[str, str]) -> Spec:
    """Marks of at least a crowd each, by the persona that most of them have: colour and shape say which."""
    rows: list[Json] = [{"x": m.x, "y": m.y, "persona": names.get(m.persona, "no persona")} for m in found.marks]
    return {**_map(found.across, found.up), "datasets": {"rows": rows}}


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
            x=alt.X("day:T", title=None, axis=alt.Axis(grid=False, tickCount=5, labelOverlap=True)),
            y=alt.Y(
                "prob_best:Q",
                title="chance of being the best",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format=".0%", tickCount=5),
            ),
            color=alt.Color("option:N", title=None, scale=alt.Scale(**scale), legend=alt.Legend(orient="top")),
            strokeDash=alt.StrokeDash("option:N", title=None, scale=alt.Scale(**scale, range=dashes)),
        )
    )
    if not decided:
        return _plain(lines.properties(width="container", height=180))
    marks = alt.Chart(alt.NamedData(name="decided")).mark_rule(strokeDash=[4, 3], strokeWidth=1.5).encode(x="day:T")
    return _plain((lines + marks).properties(width="container", height=180))


@lru_cache(maxsize=4)
def _effect(title: str) -> Spec:
    alt = _altair()
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(grid=False, tickCount=5, labelOverlap=True))
    )
    band = base.mark_area(opacity=0.25).encode(y=alt.Y("low:Q", title=title, axis=alt.Axis(tickCount=5)), y2="high:Q")
    line = base.mark_line(strokeWidth=2.5).encode(y="effect:Q")
    nothing = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(strokeDash=[4, 3]).encode(y="zero:Q")
    return _plain((band + line + nothing).properties(width="container", height=180))


@lru_cache(maxsize=4)
def _map(across: str, up: str) -> Spec:
    alt = _altair()
    bare = {"labels": False, "ticks": False, "grid": False}
    chart = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_point(filled=True, opacity=0.75, size=90)
        .encode(
            x=alt.X("x:Q", title=f"{across} \N{RIGHTWARDS ARROW}", axis=alt.Axis(**bare)),
            y=alt.Y("y:Q", title=f"{up} \N{RIGHTWARDS ARROW}", axis=alt.Axis(**bare)),
            color=alt.Color("persona:N", title=None, legend=alt.Legend(orient="top")),
            shape=alt.Shape("persona:N", title=None),
        )
    )
    return _plain(chart.properties(width="container", height=380))


def thinned(days: pa.Table) -> list[dict[str, Json]]:
    """The rows of at most ``POINTS`` days of each option, evenly spread, the last among them."""
    rows = sorted(days.to_pylist(), key=lambda row: (row["option"], row["day"]))
    kept: list[dict[str, Json]] = []
    for _, group in groupby(rows, key=lambda row: row["option"]):
        mine = list(group)
        step = -(-len(mine) // POINTS)
        shown = mine[::-1][::step][::-1]
        kept += [{**row, "day": row["day"].isoformat(), "prob_best": round(row["prob_best"], 4)} for row in shown]
    return kept


def _altair() -> ModuleType:
    return extra_module("altair", extra="server", what="Charts need")  # half a second to import


def _plain(chart: object) -> Spec:
    spec: Spec = chart.to_dict()  # type: ignore[attr-defined] # every altair chart has it; altair is an extra
    spec.pop("config", None)
    return spec
