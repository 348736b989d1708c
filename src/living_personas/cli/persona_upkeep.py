"""``upkeep``: what the personas themselves need, as proposals that people decide on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from living_personas.cli.login import person
from living_personas.cli.opened import opened
from living_personas.cli.options import By, DryRun, Folder, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.domain.names import named
from living_personas.domain.upkeep import Upkeep
from living_personas.loop.closing import next_day
from living_personas.loop.segments.upkeep_files import Decision, decide_upkeep
from living_personas.loop.segments.upkeep_proposals import proposals
from living_personas.reporting.life_words import Called, called_in
from living_personas.reporting.page import Block, Bullets, Heading, Page, Text
from living_personas.reporting.upkeep_words import event_words, proposal_words

__all__ = ["apply", "dismiss", "list_proposals", "reopen", "undo", "upkeep"]

upkeep = App(name="upkeep", default_parameter=Parameter(negative=()))

Id = Annotated[str, Parameter(help="The id of the proposal, as `personas upkeep` lists it.")]


@upkeep.default
def list_proposals(*, form: Format = "table", workspace: Folder = Path()) -> None:
    """List proposals about personas (another rule, one for two, one less) and what became of them."""
    with opened(workspace, reads=True) as (_, context):
        found, called = proposals(context.store), called_in(context)
    show(form, lambda: _page(found, called), lambda: json_of(found, tuple[Upkeep, ...]))


@upkeep.command
def apply(proposal: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Write a proposal into the persona files; it holds from the next run on, and can be undone."""
    _decide(proposal, "applied", by=by, dry_run=dry_run, workspace=workspace)
    tell("Read the files, then `personas run`.")


@upkeep.command
def dismiss(proposal: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Keep everything as it is: the same is not proposed again as long as the rules stay what they are."""
    _decide(proposal, "dismissed", by=by, dry_run=dry_run, workspace=workspace)


@upkeep.command
def reopen(proposal: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Let a proposal that was dismissed or undone wait for a person again."""
    _decide(proposal, "open", by=by, dry_run=dry_run, workspace=workspace)


@upkeep.command
def undo(proposal: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Bring back the files that an applied proposal changed."""
    _decide(proposal, "undone", by=by, dry_run=dry_run, workspace=workspace)


def _decide(proposal: str, decision: Decision, *, by: str, dry_run: bool, workspace: Path) -> None:
    who = person(by)
    with opened(workspace, rehearse=dry_run) as (files, context):
        day = next_day(context, now=who.now)
        done = decide_upkeep(context, proposal, decision, root=files.root, day=day, by=who.by, at=who.now)
        tell(f"{'open again' if decision == 'open' else decision}: {proposal_words(done, called_in(context))}")


def _page(found: tuple[Upkeep, ...], called: Called) -> Page:
    blocks = (block for each in found for block in _blocks(each, called))
    return tuple(blocks) or (Text(text="The personas need nothing."),)


def _blocks(found: Upkeep, called: Called) -> tuple[Block, ...]:
    lines = (
        *(f"Rule of {named(called.persona(persona))} when this was proposed: {rule}" for persona, rule in found.rules),
        *((f"Proposed rule: {found.proposed}",) if found.proposed else ()),
        *event_words(found, zone=called.zone),
    )
    says = proposal_words(found, called)
    return (
        Heading(text=f"{found.id} ({found.state})"),
        Text(text=f"{says[0].upper()}{says[1:]}."),
        Bullets(items=lines),
    )
