"""``review``: what waits for a person, and the person's answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from living_personas.cli.cycle import parts_lines, waits
from living_personas.cli.login import person
from living_personas.cli.opened import opened
from living_personas.cli.option_labels import changes_page, labels_known, told_changes
from living_personas.cli.options import By, DryRun, Folder, Form, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.domain.names import named
from living_personas.domain.refinement import Refinement
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.people import acting
from living_personas.people.reviewing import waiting
from living_personas.refining.apply import PARTING
from living_personas.reporting.changes import new_value, old_value
from living_personas.reporting.proposals import with_evidence
from living_personas.reporting.report import known_at

__all__ = ["approve", "list_rejected", "open_reviews", "reject", "reopen", "review"]

review = App(name="review", default_parameter=Parameter(negative=()))

Id = Annotated[str, Parameter(help="The id of the refinement, as `personas review` lists it.")]


@review.default
def open_reviews(*, form: Format = "table", workspace: Folder = Path()) -> int:
    """List what waits for a person; leaves with code 3 if anything does."""
    with opened(workspace, reads=True) as (_, context):
        open_ = waiting(context)
        found = with_evidence(context, open_, known_at(context, closed_through(context)) if open_ else ())
        _show(form, context, found, none="Nothing waits for a person.")
        return waits(context)


@review.command
def approve(refinement: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Let a change that waits become the next version, and publish it."""
    with opened(workspace, rehearse=dry_run) as (files, context):
        version = acting.approve(context, refinement, person(by))
        made = context.store.refinements.get(refinement)
        reason = made.why if made.kind in PARTING else version.reason
        tell(f"approved: {version.persona.name} is at version {version.version}. {reason}")
        tell(*parts_lines(context, files.root, dry_run=dry_run))


@review.command
def reject(refinement: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Turn a change down: the same change of the same definition is not proposed again."""
    with opened(workspace, rehearse=dry_run) as (_, context):
        (rejected,) = told_changes(context, [acting.reject(context, refinement, person(by))])
        undo = f"`personas review reopen {rejected.id}` undoes it"
        tell(f"rejected: {labels_known(context).subject(rejected.subject)} stays {named(rejected.old)}. {undo}.")


@review.command
def reopen(refinement: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Let a change that was rejected wait for a person again, with the numbers that it had."""
    with opened(workspace, rehearse=dry_run) as (_, context):
        (waits,) = told_changes(context, [acting.reopen(context, refinement, person(by))])
        change = f"{named(old_value(waits))} -> {named(new_value(waits))}"
        about = labels_known(context).subject(waits.subject)
        tell(f"open again: {about}, {change}. `personas review approve {waits.id}` approves it.")


@review.command(name="rejected")
def list_rejected(*, form: Format = "table", workspace: Folder = Path()) -> None:
    """List what was rejected and can be opened again."""
    with opened(workspace, reads=True) as (_, context):
        found = acting.reopenable(context)
        found = with_evidence(context, found, known_at(context, closed_through(context)) if found else ())
        _show(form, context, found, none="Nothing was rejected that could be opened again.")


def _show(form: Form, context: Context, found: tuple[Refinement, ...], *, none: str) -> None:
    show(
        form,
        lambda: changes_page(context, found, none=none),
        lambda: json_of(found, tuple[Refinement, ...]),
    )
