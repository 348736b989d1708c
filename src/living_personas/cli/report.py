"""``report``: what is believed, what is proven, and what is still unknown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from living_personas.cli.failures import say
from living_personas.cli.opened import goals_of, opened
from living_personas.cli.options import Folder
from living_personas.cli.screen import show, text_of
from living_personas.cli.terminal import write
from living_personas.domain.persona import Persona
from living_personas.domain.report import Report
from living_personas.errors import InvalidDecisionError, InvalidPersonaError, check_name
from living_personas.reporting.as_json import report_text
from living_personas.reporting.effects_in_parts import with_parts
from living_personas.reporting.html import report_html
from living_personas.reporting.pdf import report_pdf, sheet_pdf
from living_personas.reporting.report import build_report, ledger_days
from living_personas.reporting.report_page import report_page
from living_personas.reporting.sheet import read_sheet
from living_personas.reporting.sheet_html import sheet_html
from living_personas.reporting.sheet_page import sheet_page
from living_personas.workspace.persona_picture import persona_picture
from living_personas.workspace.text_file import write_bytes_atomically, write_text_atomically

__all__ = ["report"]

Out = Annotated[Path | None, Parameter(help="Write it into this file instead.")]
Which = Annotated[str, Parameter(name="--persona", help="Only this persona.")]
Sheet = Annotated[bool, Parameter(help="The persona on one sheet of paper, as Markdown, HTML or PDF.")]
By = Annotated[str, Parameter(help="Effects in parts, too: by a trait or feature of `breakdowns` in workspace.yaml.")]

ReportFormat = Annotated[
    Literal["table", "json", "md", "html", "pdf"],
    Parameter(name="--format", help="How to show it; HTML and PDF have plots."),
]


def report(
    *,
    form: ReportFormat = "table",
    persona: Which = "",
    sheet: Sheet = False,
    by: By = "",
    out: Out = None,
    workspace: Folder = Path(),
) -> None:
    """Say what is believed, what is proven, and what is still unknown, on the last closed day."""
    if sheet:
        _sheet(workspace, persona, form, out, by)
        return
    with opened(workspace, reads=True) as (_, context):
        found = _of(build_report(context), persona)
        found = with_parts(context, found, column=by) if by else found
        goals = goals_of(context)
        ledger = ledger_days(context)
        shown = _pictures(workspace, context.personas) if form == "html" else {}
    if form == "html":
        _write(report_html(found, goals=goals, ledger=ledger, pictures=shown), out)
        return
    if form == "pdf":
        _write_pdf(lambda: report_pdf(found, goals=goals, ledger=ledger, warn=say), out)
        return
    if out is None:
        show(form, lambda: report_page(found, goals=goals), lambda: report_text(found))
        return
    _write(text_of(form, lambda: report_page(found, goals=goals), lambda: report_text(found)), out)


def _pictures(workspace: Path, personas: Iterable[Persona]) -> Mapping[str, str]:
    """The pictures that can be shown, by persona; what is wrong with others is said."""
    found: dict[str, str] = {}
    for each in personas:
        try:
            found[each.id] = persona_picture(workspace, each)
        except InvalidPersonaError as error:
            say(f"{each.id} is shown without its picture: {error}")
    return found


def _of(found: Report, persona: str) -> Report:
    """The report, of one persona if one was named."""
    if not persona:
        return found
    known = [each.persona for each in found.personas]
    check_name("persona", persona, known)
    return replace(
        found,
        personas=tuple(each for each in found.personas if each.persona == persona),
        gains=tuple(each for each in found.gains if each.persona == persona),
        reviews=tuple(each for each in found.reviews if each.subject.persona == persona),
        log=tuple(each for each in found.log if each.persona == persona),
    )


def _sheet(workspace: Path, persona: str, form: str, out: Path | None, by: str) -> None:
    if by:
        raise InvalidDecisionError(
            "A sheet says what is known; effects in parts are only explored.", hint="leave `--sheet` or `--by` out."
        )
    if not persona or form == "json":
        raise InvalidDecisionError(
            "A sheet is of one persona, as Markdown, HTML or PDF.",
            hint="write --persona ID --sheet --format md, html or pdf.",
        )
    with opened(workspace, reads=True) as (_, context):
        found = build_report(context)
        _of(found, persona)
        pictures = [persona_picture(workspace, each) for each in context.personas if each.id == persona]
        sheet = read_sheet(context, found, persona, picture="".join(pictures))
    if form == "html":
        _write(sheet_html(sheet), out)
    elif form == "pdf":
        _write_pdf(lambda: sheet_pdf(sheet, warn=say), out)
    elif out is None and form == "table":
        show("table", lambda: sheet_page(sheet), lambda: "")
    else:
        _write(text_of("md" if form == "md" else "table", lambda: sheet_page(sheet), lambda: ""), out)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        write(text)
        return
    write_text_atomically(out, text)
    say(f"wrote {out}")


def _write_pdf(made: Callable[[], bytes], out: Path | None) -> None:
    if out is None:
        if sys.stdout.isatty():
            raise InvalidDecisionError("A terminal shows no PDF.", hint="write --out FILE.pdf, or send it into a pipe.")
        sys.stdout.buffer.write(made())
        return
    write_bytes_atomically(out, made())
    say(f"wrote {out}")
