"""A persona on one sheet of paper: whom it holds, what is proven, what is only likely, and what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from living_personas.domain.goal import Goal
from living_personas.domain.persona import Persona
from living_personas.domain.report import AttributeReport, PersonaReport
from living_personas.reporting.brief import Part, brief_of
from living_personas.reporting.crowd import crowd
from living_personas.reporting.page import Block, Bullets, Heading, Page, Table, Text
from living_personas.reporting.words import decided_words, in_words, known_words, size_of

__all__ = ["sheet_page"]

MOST_LINES, MOST_TRAITS, MOST_WORDS, MOST_OF_A_NAME = 10, 6, 330, 24
"""What fits on a sheet: lines of all parts, traits, and characters of what people wrote and of a name in a line."""

_TITLES: dict[Part, str] = {
    "proven": "Proven: build on it",
    "leaning": "Leaning: likely, not known",
    "chosen": "Chosen by people or guardrails: no evidence for it",
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
    members = "not counted yet" if report.members is None else f"{crowd(report.members)} customers"
    yield Heading(text=report.name, level=1)
    yield Text(text=f"Version {report.version}, as of {as_of or 'before the first closed day'}: {members}.")
    yield Text(text=f"Who: {_short(report.who)}")
    if written.brief:
        yield Text(text=_short(written.brief))
    parts = brief_of(report).by_part()
    for (part, found), room in zip(parts, _rooms([len(found) for _, found in parts]), strict=True):
        if part == "chosen" and not found:
            continue
        yield Heading(text=_TITLES[part])
        lines = [_line(each, written.goal) for each in found[:room]]
        lines += [f"and {len(found) - room} more."] if len(found) > room else []
        lines += ["Everything that is not on this sheet."] if part == "unknown" else []
        yield Bullets(items=tuple(lines) or ("Nothing yet.",))
    if report.traits:
        yield _traits(report)
    if written.guardrails:
        watched = ", ".join(guardrail.metric for guardrail in written.guardrails)
        yield Text(text=_short(f"Never at the cost of: {watched}."))


def _rooms(lengths: Sequence[int]) -> tuple[int, ...]:
    """How many lines each part may have: the parts take turns until all is said or the sheet is full.

    >>> _rooms([1, 30, 0, 30]), _rooms([2, 0, 0, 3])
    ((1, 5, 0, 4), (2, 0, 0, 3))
    """
    rooms = [0] * len(lengths)
    for _ in range(min(MOST_LINES, sum(lengths))):
        hungry = [part for part, length in enumerate(lengths) if rooms[part] < length]
        rooms[min(hungry, key=lambda part: rooms[part])] += 1
    return tuple(rooms)


def _line(found: AttributeReport, goal: Goal) -> str:
    def shortly(text: str) -> str:
        return repr(_short(text, MOST_OF_A_NAME))

    name = f"{found.attribute} on {found.channel}" if found.channel else found.attribute
    if found.effect is None:
        return _short(f"{name}: {in_words(found, quote=shortly)}")
    by = f", {decided_words(found.decided)}" if found.decided.how not in ("workshop", "evidence") else ""
    said = f"{shortly(found.value)}{by}: {known_words(found, quote=shortly)}. {size_of(found, goal, quote=shortly)}"
    return f"{_short(name, MOST_OF_A_NAME)}: {said} From {found.units:,} occasions."


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


def _short(text: str, most: int = MOST_WORDS) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
