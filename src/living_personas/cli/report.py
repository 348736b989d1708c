"""``report``: what is believed, what is proven, and what is still unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.failures import say
from living_personas.cli.opened import goals_of, opened
from living_personas.cli.options import Folder, Format
from living_personas.cli.screen import show, text_of
from living_personas.reporting.as_json import report_text
from living_personas.reporting.report import build_report
from living_personas.reporting.report_page import report_page
from living_personas.workspace.text_file import write_text_atomically

__all__ = ["report"]

Out = Annotated[Path | None, Parameter(help="Write it into this file instead.")]


def report(*, form: Format = "table", out: Out = None, workspace: Folder = Path()) -> None:
    """Say what is believed, what is proven, and what is still unknown, on the last closed day."""
    with opened(workspace) as (_, parts):
        found = build_report(parts)
        goals = goals_of(parts)
    if out is None:
        show(form, lambda: report_page(found, goals=goals), lambda: report_text(found))
        return
    write_text_atomically(out, text_of(form, lambda: report_page(found, goals=goals), lambda: report_text(found)))
    say(f"wrote {out}")
