"""Charts as SVG and PNG, in colours for paper; needs the extra ``charts``."""

from __future__ import annotations

import json
from types import ModuleType

from living_personas.domain.event import Json
from living_personas.extras import extra_module
from living_personas.reporting.charts import PLOTS, Chart

__all__ = ["WIDTH", "png_of", "svg_of"]

BLUE, GREY, ORANGE = "#2563a8", "#6b7079", "#b4500b"
COLOURS: list[Json] = [BLUE, ORANGE, "#4d7c3a", "#7a4fa3", "#8a6a0b", "#8c2c55", GREY]
WIDTH = 560
MARGIN: dict[str, Json] = {"left": 32, "right": 32, "top": 5, "bottom": 5}
"""Pixels around a plot. Labels, at most 180 wide, are measured in one font and drawn in the reader's, a sixth wider."""


def svg_of(chart: Chart) -> str:
    """The chart as SVG without a background, ``WIDTH`` pixels wide beside its labels.

    Raises
    ------
    MissingExtraError
        If the extra ``charts`` is not installed.
    """
    return str(_vl_convert().vegalite_to_svg(_themed(chart, background="transparent")))


def png_of(chart: Chart) -> bytes:
    """The same as a picture for e-mail, which shows no SVG, on white and at twice the size for sharp screens."""
    return bytes(_vl_convert().vegalite_to_png(_themed(chart, background="white"), scale=2))


def _themed(chart: Chart, *, background: str) -> str:
    axis: dict[str, Json] = {"titleFontWeight": "normal", "titleColor": GREY}
    config: dict[str, Json] = {
        "font": "sans-serif",
        "view": {"stroke": None},
        "axis": axis,
        "range": {"category": COLOURS},
        "rule": {"color": ORANGE},
        "style": {"interval": {"color": BLUE}},
        "point": {"color": BLUE},
        "area": {"color": BLUE},
        "line": {"color": BLUE},
    }
    spec = {**chart.spec, "width": WIDTH, "background": background, "padding": MARGIN, "config": config}
    return json.dumps(spec)


def _vl_convert() -> ModuleType:
    return extra_module("vl_convert", extra="charts", what=PLOTS)
