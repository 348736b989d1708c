"""A sheet as a page in blocks: for a terminal, Markdown and notebooks."""

from __future__ import annotations

from collections.abc import Iterator

from living_personas.domain.head_count import SMALLEST
from living_personas.domain.told_number import share_words
from living_personas.reporting.member_spreads import MemberSpread
from living_personas.reporting.page import Block, Bullets, Heading, Page, Table, Text
from living_personas.reporting.sheet import PersonaSheet, SheetPart
from living_personas.rules.rule_words import column_words

__all__ = ["NOT_HERE", "about", "as_of", "part_lines", "said_who", "sheet_page"]

NOT_HERE = "Everything that is not on this sheet."
"""What is unknown in any case."""


def sheet_page(sheet: PersonaSheet) -> Page:
    """The sheet of one persona in blocks."""
    return tuple(_blocks(sheet))


def as_of(sheet: PersonaSheet) -> str:
    """Of which version and day it is."""
    return f"Version {sheet.version}, as of {sheet.as_of or 'before the first closed day'}"


def about(sheet: PersonaSheet) -> str:
    """How many customers it is about."""
    return f"{sheet.customers}{f' ({sheet.share})' if sheet.share else ''}"


def said_who(sheet: PersonaSheet) -> str:
    """Who is in, in words if there are any; of a discovered persona with how well they say it."""
    return f"{sheet.who or sheet.rule}{f' ({sheet.fits})' if sheet.fits else ''}"


def part_lines(part: SheetPart) -> tuple[str, ...]:
    """What a part says besides its beliefs."""
    more = (f"and {part.more} more.",) if part.more else ()
    if part.part == "unknown":
        return (*more, NOT_HERE)
    return more or (() if part.beliefs else ("Nothing yet.",))


def _blocks(sheet: PersonaSheet) -> Iterator[Block]:
    yield Heading(text=sheet.name, level=1)
    yield Text(text=f"{as_of(sheet)}: {about(sheet)}.")
    if sheet.brief:
        yield Text(text=sheet.brief)
    if sheet.worth:
        yield Text(text=sheet.worth)
    for part in sheet.parts:
        yield Heading(text=part.title)
        yield Bullets(items=(*(f"{each.name}: {each.says}" for each in part.beliefs), *part_lines(part)))
    yield Heading(text="Who they are")
    yield Text(text=f"{said_who(sheet)}.")
    if sheet.who and sheet.who != sheet.rule:
        yield Text(text=f"As a rule: {sheet.rule}")
    if sheet.traits:
        yield Table(columns=("trait", "believed", "measured"), rows=sheet.traits)
    for spread in sheet.spreads:
        yield _spread(spread)
    if sheet.changes:
        yield Heading(text="How it changed")
        yield Bullets(items=tuple(f"{each.day}, {each.kind}: {each.why}" for each in sheet.changes))
    if sheet.guarded:
        yield Text(text=f"Never at the cost of: {sheet.guarded}.")


def _spread(spread: MemberSpread) -> Table:
    columns = (column_words(spread.name), "members", "all customers")
    rows = tuple((each.label, _share(each.members), _share(each.everybody)) for each in spread.slices)
    return Table(columns=columns, rows=rows, numbers=columns[1:])


def _share(share: float | None) -> str:
    return f"of fewer than {SMALLEST}" if share is None else share_words(share)
