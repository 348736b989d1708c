"""A persona on one sheet of paper: whom it holds, what is proven, what is only likely, and what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from living_personas.domain.persona import Persona
from living_personas.domain.report import AttributeReport, PersonaReport
from living_personas.reporting.brief import Part, brief_of
from living_personas.reporting.page import Block, Bullets, Heading, Page, Table, Text
from living_personas.reporting.words import points

__all__ = ["sheet_page"]

MOST_LINES, MOST_TRAITS, MOST_WORDS = 6, 6, 600
"""What fits on a sheet: lines of a part, traits, and characters of what people wrote."""

_TITLES: dict[Part, str] = {
    "proven": "Proven: build on it",
    "leaning": "Leaning: likely, not known",
    "unknown": "Unknown: do not invent it",
}


def sheet_page(report: PersonaReport, written: Persona, *, as_of: date | None) -> Page:
    """The sheet of one persona, for a wall or a briefing.

    Parameters
    ----------
    written
        The persona as its newest version holds it.
    as_of
        The last closed day.
    """
    return tuple(_blocks(report, written, as_of))


def _blocks(report: PersonaReport, written: Persona, as_of: date | None) -> Iterator[Block]:
    members = "not counted yet" if report.members is None else f"{report.members:,} customers"
    yield Heading(text=report.name, level=1)
    yield Text(text=f"Version {report.version}, as of {as_of or 'before the first closed day'}: {members}.")
    yield Text(text=f"Who: {_short(report.who)}")
    if written.brief:
        yield Text(text=_short(written.brief))
    percent = not written.goal.is_value
    for part, found in brief_of(report).by_part():
        yield Heading(text=_TITLES[part])
        lines = [_line(each, percent=percent) for each in found[:MOST_LINES]]
        lines += [f"and {len(found) - MOST_LINES} more."] if len(found) > MOST_LINES else []
        lines += ["Everything that is not on this sheet."] if part == "unknown" else []
        yield Bullets(items=tuple(lines) or ("Nothing yet.",))
    if report.traits:
        yield _traits(report)
    if written.guardrails:
        watched = ", ".join(guardrail.metric for guardrail in written.guardrails)
        yield Text(text=f"Never at the cost of: {watched}.")


def _line(found: AttributeReport, *, percent: bool) -> str:
    name = f"{found.attribute} on {found.channel}" if found.channel else found.attribute
    if found.effect is None:
        return f"{name}: {found.says}"
    against = f"{found.contender!r} against {found.believed!r}: {points(found.effect, percent=percent)}"
    return f"{name}: {found.value}. {against}, from {found.units:,} occasions."


def _traits(report: PersonaReport) -> Table:
    rows = tuple(
        (
            each.trait,
            f"{each.believed:g} {each.unit}".strip(),
            f"{each.measured.estimate:.4g} [{each.measured.lower:.4g}, {each.measured.upper:.4g}]"
            if each.measured
            else "not yet known",
        )
        for each in report.traits[:MOST_TRAITS]
    )
    return Table(columns=("trait", "believed", "measured"), rows=rows)


def _short(text: str) -> str:
    return text if len(text) <= MOST_WORDS else text[: MOST_WORDS - 1] + "…"
