"""The report as one HTML file that needs nothing else: no script, no network; light and dark."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.goal import Goal
from living_personas.domain.report import AttributeReport, PersonaReport, Report
from living_personas.reporting.charts import belief_svg, rates_svg
from living_personas.reporting.page import Block, Bullets, Code, Heading, Page, Table, Text
from living_personas.reporting.report_page import report_page

__all__ = ["page_fragment", "page_html", "report_html", "sheet_html"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5c6672; --line: #d7dce2; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebef; --soft: #a3adb8; --line: #3a424c; --paper: #14181d; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.2rem; border-top: 1px solid var(--line); padding-top: 1.2rem; }
table { border-collapse: collapse; font-size: .9rem; display: block; overflow-x: auto; margin: .8rem 0; }
th, td { text-align: left; padding: .3rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; } th { color: var(--soft); font-weight: 600; }
figure { margin: 1rem 0; background: #fff; color: #1c2430; border-radius: 6px; padding: .6rem; overflow-x: auto; }
figcaption { color: #5c6672; font-size: .85rem; } pre { overflow-x: auto; }
"""

_SHEET = """
@page { size: A4 portrait; margin: 14mm; }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; }
  body { font-size: 9.5pt; line-height: 1.3; max-width: none; margin: 0; padding: 0; }
  h2 { margin-top: .8rem; padding-top: .5rem; } }
"""


def report_html(report: Report, *, goals: Mapping[str, Goal], ledger: pa.Table) -> str:
    """The whole report with its plots.

    Parameters
    ----------
    goals
        The goal of each persona, by its id.
    ledger
        The ledger's options, day by day: ``persona, attribute, channel, option, day, prob_best``.

    Raises
    ------
    MissingExtraError
        If the extra ``charts`` is not installed.
    """
    by_name = {persona.name: persona for persona in report.personas}
    body: list[str] = []
    for block in report_page(report, goals=goals):
        body.append(_block(block))
        if isinstance(block, Bullets) and body and (persona := _just_named(body, by_name)):
            body.extend(_figures(persona, goals[persona.persona], ledger))
    return _document(report.workspace, body)


def page_html(title: str, page: Page) -> str:
    """Any page as an HTML file."""
    return _document(title, [_block(block) for block in page])


def page_fragment(page: Page) -> str:
    """Any page as a piece of HTML, for a notebook."""
    return "\n".join(_block(block) for block in page)


def sheet_html(title: str, page: Page) -> str:
    """A page that prints on one sheet of A4."""
    return _document(title, [_block(block) for block in page], style=_STYLE + _SHEET)


def _document(title: str, body: list[str], *, style: str = _STYLE) -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}<style>{style}</style></head>\n<body><main>\n' + (
        "\n".join(body) + "\n</main></body></html>\n"
    )


def _just_named(body: list[str], by_name: Mapping[str, PersonaReport]) -> PersonaReport | None:
    """The persona whose heading stands right before the block that was just written."""
    if len(body) < 2 or not body[-2].startswith("<h2>"):
        return None
    return next((persona for name, persona in by_name.items() if body[-2].startswith(f"<h2>{escape(name)}")), None)


def _figures(persona: PersonaReport, goal: Goal, ledger: pa.Table) -> list[str]:
    found: list[str] = []
    for attribute in persona.attributes:
        if any(option.rate for option in attribute.options):
            caption = f"{attribute.attribute}: outcome per unit, with intervals that hold at every time at once"
            found.append(_figure(rates_svg(attribute, percent=not goal.is_value), caption))
        days = _days_of(persona, attribute, ledger)
        if days.num_rows:
            decided = [attribute.decided_on.isoformat()] if attribute.decided_on else []
            caption = f"{attribute.attribute}: chance of being the best, as it was known each day; dashed: decided"
            found.append(_figure(belief_svg(days, decided=decided), caption))
    return found


def _days_of(persona: PersonaReport, attribute: AttributeReport, ledger: pa.Table) -> pa.Table:
    mine = pc.and_(pc.equal(ledger["persona"], persona.persona), pc.equal(ledger["attribute"], attribute.attribute))
    return ledger.filter(pc.and_(mine, pc.equal(ledger["channel"], attribute.channel)))


def _figure(svg: str, caption: str) -> str:
    return f'<figure role="img" aria-label="{escape(caption)}">{svg}<figcaption>{escape(caption)}</figcaption></figure>'


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
        case Text():
            return f"<p>{escape(block.text)}</p>"
        case Bullets():
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
        case Code():
            return f"<pre><code>{escape(block.text)}</code></pre>"
        case Table():
            return _table(block)


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "".join(f"<tr>{_cells(table, row)}</tr>" for row in table.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(table: Table, row: tuple[str, ...]) -> str:
    pairs = zip(table.columns, row, strict=True)
    return "".join(
        f'<td class="number">{escape(cell)}</td>' if column in table.numbers else f"<td>{escape(cell)}</td>"
        for column, cell in pairs
    )
