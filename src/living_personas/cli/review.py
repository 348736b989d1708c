"""``review``: what waits for a person, and the person's answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from living_personas.cli.cycle import parts_lines, waits
from living_personas.cli.login import person
from living_personas.cli.named_attribute import named_attribute
from living_personas.cli.opened import opened
from living_personas.cli.option_labels import changes_page, labels_known, told_changes
from living_personas.cli.options import By, DryRun, Folder, Form, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.domain.counted import counted
from living_personas.domain.names import named
from living_personas.domain.refinement import Refinement
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.people import acting, proposing, reviewing
from living_personas.people.reviewing import ask_for_more, review_of, set_aside, waiting
from living_personas.refining.apply import PARTING
from living_personas.reporting.changes import new_value, old_value
from living_personas.reporting.proposals import with_evidence
from living_personas.reporting.report import known_at

__all__ = [
    "approve",
    "hold",
    "list_rejected",
    "more",
    "open_reviews",
    "propose",
    "reject",
    "reopen",
    "review",
    "take_up",
]

review = App(name="review", default_parameter=Parameter(negative=()))

Id = Annotated[str, Parameter(help="The id of the refinement, as `personas review` lists it.")]
PersonaId = Annotated[str, Parameter(help="The persona's id.")]
AttributeName = Annotated[str, Parameter(help="The attribute's name.")]
Value = Annotated[str, Parameter(help="The option that it should be.")]
Why = Annotated[str, Parameter(help="Why, for whoever decides.")]
Channel = Annotated[str, Parameter(help="The channel, for an attribute that is believed per channel.")]


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
        reason = labels_known(context).told(made.why if made.kind in PARTING else version.reason, version.id)
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
        acting.reopen(context, refinement, person(by))
        tell(f"open again: {_about(context, refinement)}. `personas review approve {refinement}` approves it.")


@review.command
def hold(refinement: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Set a change aside until somebody takes it up again; it is listed all the same."""
    with opened(workspace, rehearse=dry_run) as (_, context):
        set_aside(context, refinement, person(by))
        tell(f"set aside: {_about(context, refinement)}. `personas review resume {refinement}` takes it up again.")


@review.command
def more(refinement: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Set a change aside until there is more data: twice the occasions of now, and at least 1,000."""
    with opened(workspace, rehearse=dry_run) as (_, context):
        waits_for_it = review_of(context.store, refinement, "open")
        (seen,) = with_evidence(context, [waits_for_it], known_at(context, closed_through(context)))
        aside = ask_for_more(context, seen, person(by))
        tell(f"set aside: {_about(context, refinement)}, until {counted(aside.until_units, 'occasion')} are known.")


@review.command(name="resume")
def take_up(refinement: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Let a change that was set aside wait again."""
    with opened(workspace, rehearse=dry_run) as (_, context):
        reviewing.take_up(context, refinement, person(by))
        tell(f"taken up again: {_about(context, refinement)}. `personas review approve {refinement}` approves it.")


@review.command
def propose(
    persona: PersonaId = "",
    attribute: AttributeName = "",
    /,
    *,
    value: Value,
    why: Why = "",
    channel: Channel = "",
    by: By = "",
    dry_run: DryRun = False,
    workspace: Folder = Path(),
) -> None:
    """Ask for another value of an attribute, without evidence: it waits, and somebody else decides."""
    with opened(workspace, rehearse=dry_run) as (_, context):
        subject = replace(named_attribute(context, persona, attribute, command="review propose"), channel=channel)
        made = proposing.propose(context, subject, person(by), value=value, why=why)
        tell(f"proposed: {_about(context, made.id)}. `personas review approve {made.id}` approves it.")


@review.command(name="rejected")
def list_rejected(*, form: Format = "table", workspace: Folder = Path()) -> None:
    """List what was rejected and can be opened again."""
    with opened(workspace, reads=True) as (_, context):
        found = acting.reopenable(context)
        found = with_evidence(context, found, known_at(context, closed_through(context)) if found else ())
        _show(form, context, found, none="Nothing was rejected that could be opened again.")


def _about(context: Context, refinement: str) -> str:
    """What a refinement would change, as people call it."""
    (made,) = told_changes(context, [context.store.refinements.get(refinement)])
    change = f"{named(old_value(made))} -> {named(new_value(made))}"
    return f"{labels_known(context).subject(made.subject)}, {change}"


def _show(form: Form, context: Context, found: tuple[Refinement, ...], *, none: str) -> None:
    show(
        form,
        lambda: changes_page(context, found, none=none),
        lambda: json_of(found, tuple[Refinement, ...]),
    )
