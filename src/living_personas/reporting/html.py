"""The report as one HTML file that needs nothing else: no script, no network; light and dark."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pyarrow as pa

from living_personas.domain.goal import Goal
from living_personas.domain.report import Report
from living_personas.reporting.illustrated import Figure, illustrated
from living_personas.reporting.page import Block, Bullets, Code, Fold, Heading, Page, Table, Text
from living_personas.reporting.report_page import persona_heading
from living_personas.reporting.text_html import text_html

__all__ = ["page_fragment", "report_html"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2630; --soft: #59636e; --line: #d9d3c8; --paper: #fff; --tint: #f2eee6;
  --accent: #17616a; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e8ebee; --soft: #a5b0bb; --line: #2e3740;
  --paper: #12161a; --tint: #20272e; --accent: #7cc6ca; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1, h2 { font-family: Charter, "Iowan Old Style", Georgia, "DejaVu Serif", serif; line-height: 1.2; }
h1 { font-size: 2rem; margin-bottom: .6rem; } h1 + p { font-size: 1.3rem; margin: .4rem 0; }
h1 + p + p { color: var(--soft); }
h2 { font-size: 1.4rem; margin-top: 2.4rem; border-top: 2px solid var(--accent); padding-top: .8rem; }
.face { float: right; width: 7rem; height: 7rem; object-fit: cover; border-radius: 50%; margin: 0 0 1rem 1rem; }
li { margin: .3rem 0; } code { white-space: pre-wrap; }
table { border-collapse: collapse; font-size: .9rem; display: block; overflow-x: auto; margin: .8rem 0; }
th, td { text-align: left; padding: .3rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: normal; }
td.number { text-align: right; font-variant-numeric: tabular-nums; } th { color: var(--soft); font-weight: 600; }
details { margin: .6rem 0; } summary { color: var(--accent); cursor: pointer; width: fit-content; }
details[open] { border-left: 3px solid var(--line); padding-left: 1rem; }
figure { margin: 1rem 0; background: #fff; color: #1d2630; border: 1px solid var(--line); border-radius: 8px;
  padding: .6rem; overflow-x: auto; }
figure summary { color: #17616a; } figure th { color: #59636e; } figure td, figure th { border-color: #d9d3c8; }
figcaption { color: #59636e; font-size: .85rem; } pre { overflow-x: auto; }
@media print { body { font-size: 10pt; max-width: none; margin: 0; } details:not([open]) { display: none; } }
"""


def report_html(
    report: Report, *, goals: Mapping[str, Goal], ledger: pa.Table, pictures: Mapping[str, str] | None = None
) -> str:
    """The whole report with its plots.

    Parameters
    ----------
    goals
        The goal of each persona, by its id.
    ledger
        The ledger's options, day by day: ``persona, attribute, channel, option, day, prob_best``.
    pictures
        Of personas, by their ids, as addresses that hold them (``data:image/...``).

    Raises
    ------
    MissingExtraError
        If the extra ``charts`` is not installed.
    """
    blocks = illustrated(report, goals=goals, ledger=ledger)
    faces = {persona_heading(each): (pictures or {}).get(each.persona, "") for each in report.personas}
    return _document(report.workspace, [_illustrated(each, faces) for each in blocks])


def page_fragment(page: Page) -> str:
    """Any page as a piece of HTML, for a notebook."""
    return "\n".join(_block(block) for block in page)


def _document(title: str, body: list[str]) -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}<style>{_STYLE}</style></head>\n<body><main>\n' + (
        "\n".join(body) + "\n</main></body></html>\n"
    )


def _illustrated(block: Block | Figure, faces: Mapping[Heading, str]) -> str:
    """A block; below the heading of a persona with a picture, the picture."""
    if isinstance(block, Figure):
        return _figure(block)
    face = faces.get(block, "") if isinstance(block, Heading) else ""
    return f'{_block(block)}<img class="face" src="{escape(face)}" alt="">' if face else _block(block)


def _figure(figure: Figure) -> str:
    drawn = f'<div role="img" aria-label="{escape(figure.description)}">{figure.svg}</div>'
    numbers = f"<details><summary>The numbers</summary>{_table(figure.table)}</details>"
    return f"<figure>{drawn}<figcaption>{escape(figure.caption)}</figcaption>{numbers}</figure>"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
        case Text():
            return f"<p>{text_html(block.text)}</p>"
        case Bullets():
            return "<ul>" + "".join(f"<li>{text_html(item)}</li>" for item in block.items) + "</ul>"
        case Code():
            return f"<pre><code>{escape(block.text)}</code></pre>"
        case Table():
            return _table(block)
        case Fold():
            return f"<details><summary>{escape(block.title)}</summary>{page_fragment(block.blocks)}</details>"


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "".join(f"<tr>{_cells(table, row)}</tr>" for row in table.rows)
    return f'<table tabindex="0"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _cells(table: Table, row: tuple[str, ...]) -> str:
    pairs = zip(table.columns, row, strict=True)
    return "".join(
        f'<td class="number">{escape(cell)}</td>' if column in table.numbers else f"<td>{text_html(cell)}</td>"
        for column, cell in pairs
    )
