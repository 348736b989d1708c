"""``report``: what is believed, what is proven, and what is still unknown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from living_personas.cli.failures import say
from living_personas.cli.opened import goals_of, opened
from living_personas.cli.options import Folder
from living_personas.cli.screen import show, text_of
from living_personas.reporting.as_json import report_text
from living_personas.reporting.html import report_html
from living_personas.reporting.report import build_report, ledger_days
from living_personas.reporting.report_page import report_page
from living_personas.workspace.text_file import write_text_atomically

__all__ = ["report"]

Out = Annotated[Path | None, Parameter(help="Write it into this file instead.")]


ReportFormat = Annotated[
    Literal["table", "json", "md", "html"], Parameter(name="--format", help="How to show it; HTML has plots.")
]


def report(*, form: ReportFormat = "table", out: Out = None, workspace: Folder = Path()) -> None:
    """Say what is believed, what is proven, and what is still unknown, on the last closed day."""
    with opened(workspace) as (_, parts):
        found = build_report(parts)
        goals = goals_of(parts)
        ledger = ledger_days(parts)
    if form == "html":
        _write(report_html(found, goals=goals, ledger=ledger), out)
        return
    if out is None:
        show(form, lambda: report_page(found, goals=goals), lambda: report_text(found))
        return
    _write(text_of(form, lambda: report_page(found, goals=goals), lambda: report_text(found)), out)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    write_text_atomically(out, text)
    say(f"wrote {out}")
