"""Plots as SVG, from one specification each; needs the extra ``charts``."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pyarrow as pa

from living_personas.domain.report import AttributeReport
from living_personas.extras import extra_module

__all__ = ["belief_svg", "rates_chart", "rates_png", "rates_svg"]

BLUE, GREY, ORANGE = "#2563a8", "#8a8f98", "#c2570c"
COLOURS = (BLUE, ORANGE, GREY, "#4d7c3a", "#7a4fa3", "#b8860b")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3])
WIDTH = 560
MARGIN = {"left": 32, "right": 32, "top": 5, "bottom": 5}
"""Pixels around a plot. Labels, at most 180 wide, are measured in one font and drawn in the reader's, a sixth wider."""


def rates_svg(attribute: AttributeReport, *, percent: bool) -> str:
    """Each option's mean outcome with its interval; the belief and the present value are named, not only coloured."""
    return _svg(rates_chart(attribute, percent=percent))


def rates_png(attribute: AttributeReport, *, percent: bool) -> bytes:
    """The same as a picture for e-mail, which shows no SVG, on white and at twice the size for sharp screens."""
    return _png(rates_chart(attribute, percent=percent))


def rates_chart(attribute: AttributeReport, *, percent: bool) -> Any:
    """The same as an altair chart, for a notebook.

    Raises
    ------
    MissingExtraError
        If the extra ``charts`` is not installed.
    """
    alt = _altair()
    rows = [
        {
            "option": _label(option.option, attribute),
            "low": max(option.rate.lower, 0.0) if percent else option.rate.lower,
            "mean": option.rate.estimate,
            "high": option.rate.upper,
            "current": option.option == attribute.value,
        }
        for option in attribute.options
        if option.rate is not None
    ]
    scale = alt.Axis(format=".0%", tickMinStep=0.01, labelOverlap=True) if percent else alt.Axis(labelOverlap=True)
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("option:N", title=None, sort=None),
        color=alt.Color("current:N", scale=alt.Scale(domain=[True, False], range=[BLUE, GREY]), legend=None),
    )
    bars = base.mark_rule(strokeWidth=6, opacity=0.45).encode(
        x=alt.X("low:Q", title="outcome per occasion", axis=scale, scale=alt.Scale(zero=False)), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(x="mean:Q")
    return (bars + points).properties(width=WIDTH, height=34 * len(rows))


def belief_svg(days: pa.Table, *, decided: Sequence[str]) -> str:
    """How probable each option was the best, day by day, by the ledger; days of decision are marked.

    The likeliest option comes first and is drawn solid; the others are told apart by dashes, not by colour alone.

    ``days`` has the columns ``day``, ``option`` and ``prob_best``.
    """
    alt = _altair()
    rows = [{**row, "day": row["day"].isoformat()} for row in days.to_pylist()]
    order = [row["option"] for row in sorted(rows, key=lambda row: (row["day"], row["prob_best"]), reverse=True)]
    names = list(dict.fromkeys(order))
    colours = alt.Scale(domain=names, range=[COLOURS[place % len(COLOURS)] for place in range(len(names))])
    dashes = alt.Scale(domain=names, range=[DASHES[place % len(DASHES)] for place in range(len(names))])
    lines = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("day:T", title=None),
            y=alt.Y("prob_best:Q", title="chance of being best", axis=alt.Axis(format=".0%", tickCount=5)),
            color=alt.Color("option:N", title=None, scale=colours),
            strokeDash=alt.StrokeDash("option:N", title=None, scale=dashes),
        )
    )
    marks = (
        alt.Chart(alt.Data(values=[{"day": day} for day in decided]))
        .mark_rule(color=ORANGE, strokeDash=[4, 3])
        .encode(x="day:T")
    )
    return _svg((lines + marks).properties(width=WIDTH, height=150))


def _label(option: str, attribute: AttributeReport) -> str:
    notes = [
        note
        for note, applies in (
            ("now", option == attribute.value),
            ("believed", option == attribute.believed),
        )
        if applies
    ]
    return f"{option} ({', '.join(notes)})" if notes else option


_PLOTS = "Plots need (other forms, such as `--format md`, do not)"


def _altair() -> ModuleType:
    return extra_module("altair", extra="charts", what=_PLOTS)


def _vl_convert() -> ModuleType:
    return extra_module("vl_convert", extra="charts", what=_PLOTS)


def _svg(chart: Any) -> str:
    return str(_vl_convert().vegalite_to_svg(_spec(chart, background="transparent")))


def _png(chart: Any) -> bytes:
    return bytes(_vl_convert().vegalite_to_png(_spec(chart, background="white"), scale=2))


def _spec(chart: Any, *, background: str) -> str:
    drawn = chart.configure(font="sans-serif", background=background, padding=MARGIN, view={"stroke": None})
    return str(drawn.to_json(validate=False))
