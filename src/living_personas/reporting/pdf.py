"""Pages as PDF on A4: the same bytes for the same page, with names and plots as text that can be searched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.resources import files
from types import ModuleType
from typing import TypeAlias

import pyarrow as pa

from living_personas.domain.event import Json
from living_personas.domain.goal import Goal
from living_personas.domain.report import Report
from living_personas.errors import InvalidDecisionError
from living_personas.extras import extra_module
from living_personas.reporting.illustrated import Figure, illustrated
from living_personas.reporting.page import Block, Bullets, Code, Heading, Page, Table, Text

__all__ = ["page_pdf", "report_pdf"]

_Object: TypeAlias = dict[str, Json]

SIZE = 9.5
"""Points of a report's letters."""

SHEET_SIZES = tuple(size / 2 for size in range(20, 11, -1))
"""Points of a sheet's letters, the largest that fit: nobody reads less than 6 on paper."""

WIDEST_PLOT = 470.0
"""Points: what A4 has between the margins, less a little."""

PLOT_SCALE = 0.75
"""Points for each pixel of a plot: CSS has 96 pixels to the inch, paper 72 points."""

_WIDTH = re.compile(r'<svg[^>]*\bwidth="([0-9.]+)')


def report_pdf(report: Report, *, goals: Mapping[str, Goal], ledger: pa.Table) -> bytes:
    """The whole report with its plots, as ``report_html`` has it.

    Raises
    ------
    MissingExtraError
        If the extra ``pdf`` is not installed.
    """
    _typst()
    blocks = illustrated(report, goals=goals, ledger=ledger)
    return _compiled(f"{report.workspace}: personas and their evidence", blocks, day=report.as_of, sizes=(SIZE,))


def page_pdf(title: str, page: Page, *, day: date | None) -> bytes:
    """A page on one sheet of A4, in the largest letters that fit; ``day`` is the date of the document.

    Raises
    ------
    MissingExtraError
        If the extra ``pdf`` is not installed.
    InvalidDecisionError
        If it does not fit in letters that can be read.
    """
    try:
        return _compiled(title, page, day=day, sizes=SHEET_SIZES)
    except _typst().TypstError as error:
        raise InvalidDecisionError(
            f"The page {title!r} does not fit on one sheet in letters of {SHEET_SIZES[-1]:g} points.",
            hint="shorten what was written about the persona, or use --format html.",
        ) from error


def _compiled(title: str, blocks: Iterable[Block | Figure], *, day: date | None, sizes: Sequence[float]) -> bytes:
    data: _Object = {
        "title": title,
        "day": [day.year, day.month, day.day] if day else None,
        "sizes": list(sizes),
        "blocks": [_written(each) for each in blocks],
    }
    text = json.dumps(data, ensure_ascii=False).encode(errors="replace").decode()
    template = files("living_personas.reporting").joinpath("page.typ").read_bytes()
    return bytes(_typst().compile(template, format="pdf", sys_inputs={"page": text}))


def _written(block: Block | Figure) -> _Object:
    match block:
        case Heading():
            return {"kind": "heading", "level": block.level, "text": block.text}
        case Text():
            return {"kind": "text", "text": block.text}
        case Bullets():
            return {"kind": "bullets", "items": list(block.items)}
        case Code():
            return {"kind": "code", "text": block.text}
        case Table():
            return {
                "kind": "table",
                "columns": list(block.columns),
                "numbers": list(block.numbers),
                "rows": [list(row) for row in block.rows],
            }
        case Figure():
            return {"kind": "figure", "svg": block.svg, "caption": block.caption, "width": _width(block.svg)}


def _width(svg: str) -> float:
    """Points on paper; a plot never grows, so that letters keep their size from plot to plot."""
    found = _WIDTH.search(svg)
    return min(float(found[1]) * PLOT_SCALE, WIDEST_PLOT) if found else WIDEST_PLOT


def _typst() -> ModuleType:
    return extra_module("typst", extra="pdf", what="A PDF needs")
