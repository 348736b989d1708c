"""A sheet as one HTML file that fills a page of A4: no script, no network; light and dark, wall and phone."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from living_personas.domain.told_number import share_words
from living_personas.reporting.bars import Bar
from living_personas.reporting.member_spreads import MemberSpread
from living_personas.reporting.sheet import Belief, PersonaSheet, SheetPart
from living_personas.reporting.sheet_course import course_svg, course_words
from living_personas.reporting.sheet_page import about, as_of, part_lines
from living_personas.rules.rule_words import column_words

__all__ = ["sheet_html"]

ROOMY, FULL = 3, 6
"""Up to how many beliefs letters are large, and from how many more they are small."""

HOW_TO_READ = "Dashed: what was believed at first. The dot: what was measured. The bar: where the truth may be."

SIGNS = {"proven": "✓", "leaning": "◐", "chosen": "▪", "unknown": "○"}


def sheet_html(sheet: PersonaSheet) -> str:
    """The sheet of one persona: for a screen, and printed on one page of A4."""
    title, style = escape(sheet.name), files("living_personas.reporting").joinpath("sheet.css").read_text("utf-8")
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    body = "\n".join((_header(sheet), _middle(sheet), *_changes(sheet), _footer(sheet)))
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{style}</style></head>\n'
        f'<body><main class="{_density(sheet)}">\n{body}\n</main></body></html>\n'
    )


def _density(sheet: PersonaSheet) -> str:
    beliefs = sum(len(part.beliefs) for part in sheet.parts)
    return "roomy" if beliefs <= ROOMY else "full" if beliefs <= FULL else "packed"


def _header(sheet: PersonaSheet) -> str:
    brief = f'<p class="brief">{escape(sheet.brief)}</p>' if sheet.brief else ""
    worth = f'<p class="worth">{escape(sheet.worth)}</p>' if sheet.worth else ""
    said = f'<p class="soft">{escape(about(sheet))} · {escape(as_of(sheet))}</p>'
    alt = f"Picture of {sheet.name}"
    picture = f'<img src="{escape(sheet.picture)}" alt="{escape(alt)}">' if sheet.picture else ""
    return f"<header>{picture}<h1>{escape(sheet.name)}</h1>{said}{brief}{worth}</header>"


def _middle(sheet: PersonaSheet) -> str:
    parts = "".join(_part(part) for part in sheet.parts)
    who = f"<section><h2>Who they are</h2>{_who(sheet)}</section>"
    return f'<div class="two">{who}<section><h2>What works</h2>{parts}</section></div>'


def _who(sheet: PersonaSheet) -> str:
    fits = f' <span class="soft">({escape(sheet.fits)})</span>' if sheet.fits else ""
    said = f"<p>{escape(sheet.who or sheet.rule)}{fits}</p>"
    folded = f"<details><summary>The rule</summary><code>{escape(sheet.rule)}</code></details>" if sheet.who else ""
    key = '<p class="soft key"><i></i>members<i class="all"></i>all customers</p>' if sheet.spreads else ""
    return f"{said}{folded}{_traits(sheet)}{''.join(map(_spread, sheet.spreads))}{key}"


def _traits(sheet: PersonaSheet) -> str:
    return "".join(
        f'<p class="trait"><strong>{escape(name)}</strong>: {escape(measured)}; believed {escape(believed)}</p>'
        for name, believed, measured in sheet.traits
    )


def _spread(spread: MemberSpread) -> str:
    highest = max([s for each in spread.slices for s in (each.members, each.everybody) if s], default=1.0)

    def bar(share: float | None) -> str:
        return f'<i style="height:{100 * (share or 0) / highest:.0f}%"></i>'

    slices = "".join(
        f'<li><span class="pair">{bar(each.members)}{bar(each.everybody)}</span>{escape(each.label)}</li>'
        for each in spread.slices
    )
    told = "; ".join(f"{each.label} {share_words(each.members)}" for each in spread.slices if each.members is not None)
    name = escape(column_words(spread.name))
    drawn = f'<div role="img" aria-label="{name}, members: {escape(told)}"><ul aria-hidden="true">{slices}</ul></div>'
    return f'<div class="spread"><h3>{name}</h3>{drawn}</div>'


def _part(part: SheetPart) -> str:
    beliefs = "".join(_belief(each) for each in part.beliefs)
    lines = "".join(f'<p class="soft">{escape(line)}</p>' for line in part_lines(part))
    head = f"<h3>{SIGNS[part.part]} {escape(part.title)}</h3>"
    return f'<div class="part {part.part}">{head}<div class="beliefs">{beliefs}</div>{lines}</div>'


def _belief(found: Belief) -> str:
    bar = _bar(found.bar, f"{found.name}: {found.effect}", found.axis) if found.bar else ""
    name = f'<div class="name">{escape(found.name)}: <strong>{escape(found.value)}</strong></div>'
    course = f'<div class="course">{course_svg(found.course)}</div>' if found.course else ""
    said = "".join(
        f'<p class="soft now">{escape(each)}</p>' for each in (course_words(found.course), found.now) if each
    )
    return f'<div class="belief">{name}<p class="says">{escape(found.says)}</p>{bar}{course}{said}</div>'


def _bar(bar: Bar, label: str, axis: str) -> str:
    ticks = "".join(f'<span class="tick" style="left:{tick.place}%">{tick.says}</span>' for tick in bar.ticks)
    return (
        f'<div class="bar" role="img" aria-label="{escape(label)}"><span class="track"></span>'
        f'<span class="interval" style="left:{bar.lower}%;width:{bar.width}%"></span>'
        f'<span class="zero" style="left:{bar.zero}%"></span>'
        f'<span class="estimate" style="left:{bar.estimate}%"></span>{ticks}</div>'
        f'<div class="unit">{escape(axis)}</div>'
    )


def _changes(sheet: PersonaSheet) -> Iterator[str]:
    if sheet.changes:
        each = "".join(
            f"<li><strong>{change.day}</strong><p>{escape(_sentence(change.kind))}</p><p>{escape(change.why)}</p></li>"
            for change in sheet.changes
        )
        yield f'<section><h2>How it changed</h2><ul class="changes">{each}</ul></section>'


def _footer(sheet: PersonaSheet) -> str:
    guarded = f"<p>Never at the cost of: {escape(sheet.guarded)}.</p>" if sheet.guarded else ""
    return f"<footer>{guarded}<p>{HOW_TO_READ}</p></footer>"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
