"""Pages as PDF on A4: the same bytes for the same page, with names and plots as text that can be searched."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
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
from living_personas.reporting.bars import Bar
from living_personas.reporting.illustrated import Figure, illustrated
from living_personas.reporting.letters_printed import boxes_words
from living_personas.reporting.page import Block, Bullets, Code, Fold, Heading, Table, Text
from living_personas.reporting.sheet import PersonaSheet, SheetPart
from living_personas.reporting.sheet_course import course_svg, course_words
from living_personas.reporting.sheet_page import about, as_of, part_lines
from living_personas.rules.rule_words import column_words

__all__ = ["page_pdf", "report_pdf", "sheet_pdf"]

_Object: TypeAlias = dict[str, Json]

SIZE = 9.5
"""Points of a report's letters."""

SHEET_SIZES = tuple(size / 2 for size in range(26, 11, -1))
"""Points of a sheet's letters, the largest that fit: nobody reads less than 6 on paper."""

WIDEST_PLOT = 470.0
"""Points: what A4 has between the margins, less a little."""

PLOT_SCALE = 0.75
"""Points for each pixel of a plot: CSS has 96 pixels to the inch, paper 72 points."""

_WIDTH = re.compile(r'<svg[^>]*\bwidth="([0-9.]+)')


def report_pdf(
    report: Report, *, goals: Mapping[str, Goal], ledger: pa.Table, warn: Callable[[str], None] | None = None
) -> bytes:
    """The whole report with its plots, as ``report_html`` has it; ``warn`` is told which letters are boxes.

    Raises
    ------
    MissingExtraError
        If the extra ``pdf`` is not installed.
    """
    _typst()
    blocks = illustrated(report, goals=goals, ledger=ledger)
    return page_pdf(f"{report.workspace}: personas and their evidence", blocks, day=report.as_of, warn=warn)


def page_pdf(
    title: str, blocks: Iterable[Block | Figure], *, day: date | None, warn: Callable[[str], None] | None = None
) -> bytes:
    """A page on as many sheets of A4 as it takes; ``day`` is the date, ``warn`` is told which letters are boxes.

    Raises
    ------
    MissingExtraError
        If the extra ``pdf`` is not installed.
    """
    data: _Object = {"title": title, "day": _ymd(day), "size": SIZE, "blocks": [_written(each) for each in blocks]}
    return _compiled("page.typ", data, warn)


def sheet_pdf(sheet: PersonaSheet, *, warn: Callable[[str], None] | None = None) -> bytes:
    """The sheet of one persona on one page of A4, in the largest letters that fit; ``warn`` is told which are boxes.

    Raises
    ------
    MissingExtraError
        If the extra ``pdf`` is not installed.
    InvalidDecisionError
        If it does not fit in letters that can be read.
    """
    data: _Object = {"title": sheet.name, "day": _ymd(sheet.as_of), "sizes": list(SHEET_SIZES), "sheet": _sheet(sheet)}
    try:
        return _compiled("sheet.typ", data, warn)
    except _typst().TypstError as error:
        raise InvalidDecisionError(
            f"The sheet of {sheet.persona!r} does not fit on one page in letters of {SHEET_SIZES[-1]:g} points.",
            hint="shorten what was written about the persona, or use --format html.",
        ) from error


def _compiled(template: str, data: _Object, warn: Callable[[str], None] | None) -> bytes:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).encode(errors="replace").decode()
    if warn and (words := boxes_words(text)):
        warn(words)
    source = files("living_personas.reporting").joinpath(template).read_bytes()
    return bytes(_typst().compile(source, format="pdf", sys_inputs={"page": text}))


def _ymd(day: date | None) -> list[Json] | None:
    return [day.year, day.month, day.day] if day else None


def _sheet(sheet: PersonaSheet) -> _Object:
    """What is printed, as texts, shares and places in percent."""
    return {
        "name": sheet.name,
        "as_of": as_of(sheet),
        "about": about(sheet),
        "brief": sheet.brief,
        "worth": sheet.worth,
        "who": sheet.who or sheet.rule,
        "fits": sheet.fits,
        "parts": [_part(each) for each in sheet.parts],
        "traits": [list(each) for each in sheet.traits],
        "spreads": [
            {
                "name": column_words(each.name),
                "slices": [{"label": s.label, "members": s.members, "everybody": s.everybody} for s in each.slices],
            }
            for each in sheet.spreads
        ],
        "changes": [{"day": str(each.day), "kind": each.kind, "why": each.why} for each in sheet.changes],
        "guarded": sheet.guarded,
        "picture": _square(sheet.picture) if sheet.picture else "",
    }


def _square(picture: str) -> str:
    """A picture, cut to a square, as SVG that holds it."""
    place = 'width="100" height="100" preserveAspectRatio="xMidYMid slice"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><image href="{picture}" {place}/></svg>'


def _part(part: SheetPart) -> _Object:
    return {
        "part": part.part,
        "title": part.title,
        "lines": list(part_lines(part)),
        "beliefs": [
            {
                "name": each.name,
                "value": each.value,
                "says": each.says,
                "axis": each.axis,
                "now": each.now,
                "course": course_svg(each.course),
                "course_says": course_words(each.course),
                "bar": _bar(each.bar) if each.bar else None,
            }
            for each in part.beliefs
        ],
    }


def _bar(bar: Bar) -> _Object:
    return {
        "lower": bar.lower,
        "width": bar.width,
        "estimate": bar.estimate,
        "zero": bar.zero,
        "ticks": [{"place": tick.place, "says": tick.says} for tick in bar.ticks],
    }


def _written(block: Block | Figure) -> _Object:
    match block:
        case Heading():
            made: _Object = {"kind": "heading", "level": block.level, "text": block.text}
        case Text():
            made = {"kind": "text", "text": block.text}
        case Bullets():
            made = {"kind": "bullets", "items": list(block.items)}
        case Code():
            made = {"kind": "code", "text": block.text}
        case Table():
            rows: list[Json] = [list(row) for row in block.rows]
            made = {"kind": "table", "columns": list(block.columns), "numbers": list(block.numbers), "rows": rows}
        case Fold():
            made = {"kind": "fold", "title": block.title, "blocks": [_written(each) for each in block.blocks]}
        case Figure():
            made = {"kind": "figure", "svg": block.svg, "caption": block.caption, "width": _width(block.svg)}
    return made


def _width(svg: str) -> float:
    """Points on paper; a plot never grows, so that letters keep their size from plot to plot."""
    found = _WIDTH.search(svg)
    return min(float(found[1]) * PLOT_SCALE, WIDEST_PLOT) if found else WIDEST_PLOT


def _typst() -> ModuleType:
    return extra_module("typst", extra="pdf", what="A PDF needs")
