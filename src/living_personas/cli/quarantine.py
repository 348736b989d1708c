"""``quarantine``: rows that could not be recorded, to look at and to replay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from living_personas.cli.events import fates, kept_lines
from living_personas.cli.opened import opened, stored
from living_personas.cli.options import DryRun, Folder, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.domain.counted import counted
from living_personas.domain.event import Quarantined, QuarantineReason, Receipt
from living_personas.errors import InvalidDecisionError, UnknownNameError
from living_personas.loop.recording.ingest import replay as map_again
from living_personas.loop.recording.message_files import protocol_of
from living_personas.loop.recording.messages import PROTOCOLS, replay_messages
from living_personas.loop.recording.source_choice import source_named
from living_personas.memory.records import EXPIRED
from living_personas.reporting.page import Page, Table, Text
from living_personas.wiring import system_clock

__all__ = ["drop", "held", "quarantine", "replay"]

AT_ONCE = 1_000
"""Rows that are let go of in one transaction."""

SHOWN = 100
"""Characters of a row that fit beside its reason."""

quarantine = App(name="quarantine", default_parameter=Parameter(negative=()))

OnlySource = Annotated[str, Parameter(help="Only the rows of this source.")]
OneSource = Annotated[str, Parameter(help="The source; needed if there are several.")]
OnlyReason = Annotated[QuarantineReason | None, Parameter(help="Only rows with this reason.")]
Everything = Annotated[bool, Parameter(name="--all", help="The rows of every source, whatever is wrong with them.")]
Limit = Annotated[int, Parameter(help="How many rows at most.")]
Seed = Annotated[int | None, Parameter(help="The seed that the file was recorded with, if any.")]


@quarantine.command(name="list")
def held(
    *,
    source: OnlySource = "",
    reason: OnlyReason = None,
    limit: Limit = 20,
    form: Format = "table",
    workspace: Folder = Path(),
) -> None:
    """List the rows held, oldest first, with what is wrong with each."""
    with stored(workspace) as context:
        rows = context.store.quarantine.rows(source=source or None, reason=reason, limit=limit)
        total, expired = sum(context.store.quarantine.counts().values()), EXPIRED.read(context.store) or 0
    show(form, lambda: _page(rows, total, expired), lambda: json_of(rows, tuple[Quarantined, ...]))


@quarantine.command
def drop(
    *,
    source: OnlySource = "",
    reason: OnlyReason = None,
    everything: Everything = False,
    dry_run: DryRun = False,
    workspace: Folder = Path(),
) -> None:
    """Let go for good of rows that nobody will mend: of a source, with a reason, or of all with `--all`."""
    if not (source or reason or everything):
        raise InvalidDecisionError("It was not said which rows.", hint="write --source, --reason, or --all.")
    with stored(workspace) as context:
        held = context.store.quarantine
        counts = held.counts()
        if source and source not in {each for each, _ in counts}:
            raise UnknownNameError.among("source with rows in quarantine", source, {each for each, _ in counts})
        meant = sum(n for (each, why), n in counts.items() if source in ("", each) and reason in (None, why))
        if dry_run:
            tell(f"{counted(meant, 'row')} would be dropped")
            return
        dropped = 0
        while rows := held.rows(source=source or None, reason=reason, limit=AT_ONCE):
            dropped += held.release(rows)
        tell(
            f"dropped {counted(dropped, 'row')}; {counted(sum(held.counts().values()), 'is', 'are')} left in quarantine"
        )


@quarantine.command
def replay(
    *, source: OneSource = "", shuffle_days: Seed = None, dry_run: DryRun = False, workspace: Folder = Path()
) -> None:
    """Map the rows of a source again, after `workspace.yaml` was mended, and record those that pass.

    Messages that the service could not record lie under the names of their protocols, `segment` and `posthog`; beside
    them lie the rows of a source that the workspace calls so.
    """
    with opened(workspace, rehearse=dry_run) as (_, context):
        protocol = next((each for each in PROTOCOLS if each == source), None)
        receipt = replay_messages(context, protocol, received=system_clock()) if protocol else Receipt()
        if protocol is None or protocol != protocol_of(context, source):
            rows = map_again(context, received=system_clock(), source=source, seed=shuffle_days)
            receipt = _without_left(receipt) + rows  # what is left of the messages is among these rows
        tell(f"replayed: {fates(receipt)}")
        if receipt.quarantined:
            tell(*kept_lines(context, protocol or source_named(context, source).name))


def _without_left(receipt: Receipt) -> Receipt:
    return replace(receipt, received=receipt.received - receipt.quarantined, quarantined=0)


def _page(rows: tuple[Quarantined, ...], total: int, expired: int) -> Page:
    gone = (
        (Text(text=f"{counted(expired, 'row was', 'rows were')} dropped because of their age, as `retention` says."),)
        if expired
        else ()
    )
    if not rows:
        return (Text(text="No such row is in quarantine."), *gone)
    columns = ("source", "row", "reason", "detail", "payload")
    cells = tuple((row.source, str(row.row), row.reason, row.detail, row.payload[:SHOWN]) for row in rows)
    return (
        Text(text=f"{len(rows):,} of {counted(total, 'row')} in quarantine:"),
        Table(columns=columns, rows=cells, numbers=("row",)),
        *gone,
    )
