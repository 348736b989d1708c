"""``discover``: segments that no persona explains, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from living_personas.cli.failures import say
from living_personas.cli.login import person
from living_personas.cli.opened import opened
from living_personas.cli.option_labels import labels_known
from living_personas.cli.options import By, DryRun, Folder, Form, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.discovery.segment_words import segment_words
from living_personas.domain.counted import counted
from living_personas.domain.names import attribute_name, named
from living_personas.domain.segment import Segment
from living_personas.domain.told_number import share_words
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.closing import closed_through, next_day
from living_personas.loop.context import Context
from living_personas.loop.known.counted_from import counted_from
from living_personas.loop.segments.adopting import (
    adopt_segment,
    dismiss_segment,
    rename_segment,
    reopen_segment,
    settle_files,
    undo_adoption,
)
from living_personas.loop.segments.automatic_adoption import adopt_by_evidence, held_back
from living_personas.loop.segments.discovery import discover as look_for
from living_personas.loop.segments.discovery import segment_named, segments
from living_personas.loop.segments.upkeep_proposals import proposals
from living_personas.memory.search_records import LEFT_OUT
from living_personas.people.suggesting import suggested_names
from living_personas.reporting.difference_text import differences
from living_personas.reporting.dropped_words import incomplete_words
from living_personas.reporting.life_words import Called, called_in, life_words
from living_personas.reporting.page import Block, Bullets, Heading, Page, Text
from living_personas.reporting.response_words import response_words

__all__ = ["adopt", "discover", "dismiss", "list_segments", "look", "rename", "reopen", "undo"]

discover = App(name="discover", default_parameter=Parameter(negative=()))

Id = Annotated[str, Parameter(help="The id of the segment, as `personas discover list` shows it.")]
Name = Annotated[str, Parameter(help="What it is called from now on.")]
Seed = Annotated[int, Parameter(help="Draws the random splits; the same seed gives the same answer.")]


@discover.default
def look(*, form: Format = "table", seed: Seed = 0, dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Look for segments among the customers of the last closed day. Finding nothing is a good answer."""
    with opened(workspace, rehearse=dry_run) as (files, context):
        closed = closed_through(context)
        if closed is None:
            raise InsufficientEvidenceError(
                "No day is closed yet.",
                hint="record events of days that are over (`personas ingest`); `personas run` then closes these days.",
            )
        seen = look_for(context, closed, seed=seed)
        settle_files(context.store, files.root)
        adopted = adopt_by_evidence(context, root=files.root, day=closed)
        found = tuple(segment_named(context.store, each.id) for each in seen)
        held = {each.id: _held(context, each) for each in found}
        waiting = sum(each.state == "open" for each in proposals(context.store))
        lacking, left_out = counted_from(context), LEFT_OUT.read(context.store) or ()
        called = called_in(context)
    _show(form, found, none="No segment is there that no persona explains.", held=held, called=called)
    for segment in adopted:
        name, undo = f"personas/{segment.persona}.yaml", f"personas discover undo {segment.id}"
        say(f"adopted by evidence: {name}. It holds from the next `personas run` on; `{undo}` takes it back.")
    for name, day in lacking.items():
        say(incomplete_words(name, day))
    for why in left_out:
        say(f"not looked at: {why}")
    if waiting:
        wait = counted(waiting, "proposal about personas waits", "proposals about personas wait")
        say(f"{wait} for a person: `personas upkeep`")


@discover.command(name="list")
def list_segments(*, form: Format = "table", workspace: Folder = Path()) -> None:
    """List every segment ever found, and what became of it."""
    with opened(workspace, reads=True) as (_, context):
        found = segments(context)
        names = {segment.id: suggested_names(context, segment.id) for segment in found}
        held = {segment.id: _held(context, segment) for segment in found}
        called = called_in(context)
    _show(form, found, none="No segment was found so far.", names=names, held=held, called=called)


@discover.command
def adopt(segment: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Write a segment's persona file: it is version 1 at the next run, and its first test begins."""
    who = person(by)
    with opened(workspace, rehearse=dry_run) as (files, context):
        found = segment_named(context.store, segment, state="open")
        persona = adopt_segment(
            context, found, root=files.root, day=next_day(context, now=who.now), by=who.by, at=who.now
        )
        tell(f"adopted: personas/{persona.id}.yaml. Read it, then `personas run`.")


@discover.command
def rename(segment: Id, /, *, name: Name, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Call a segment something else; it keeps the name when it is found again."""
    who = person(by)
    with opened(workspace, rehearse=dry_run) as (_, context):
        found, day = segment_named(context.store, segment, state="open"), next_day(context, now=who.now)
        renamed = rename_segment(context.store, found, name=name, day=day, by=who.by, at=who.now)
        tell(f"renamed: {found.name} is called {named(renamed.name)} now.")


@discover.command
def dismiss(segment: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Say that a segment is of no use; `personas discover reopen` takes that back."""
    who = person(by)
    with opened(workspace, rehearse=dry_run) as (_, context):
        found, day = segment_named(context.store, segment, state="open"), next_day(context, now=who.now)
        dismissed = dismiss_segment(context.store, found, day=day, by=who.by, at=who.now)
        tell(f"dismissed: {dismissed.name}. `personas discover reopen {segment}` undoes it.")


@discover.command
def reopen(segment: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Let a segment that was dismissed, or whose adoption was undone, wait for a person again."""
    who = person(by)
    with opened(workspace, rehearse=dry_run) as (files, context):
        found, day = segment_named(context.store, segment, state="dismissed"), next_day(context, now=who.now)
        again = reopen_segment(context, found, root=files.root, day=day, by=who.by, at=who.now)
        tell(f"open again: {again.name}. `personas discover adopt {segment}` adopts it.")


@discover.command
def undo(segment: Id, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Take an adopted segment's persona file away; the segment is dismissed until somebody opens it again."""
    who = person(by)
    with opened(workspace, rehearse=dry_run) as (files, context):
        found = segment_named(context.store, segment, state="adopted")
        undone = undo_adoption(
            context, found, root=files.root, day=next_day(context, now=who.now), by=who.by, at=who.now
        )
        left = named(labels_known(context).persona(found.persona))
        tell(f"undone: {undone.name}. Nobody belongs to {left} after the next `personas run`.")


Names = Mapping[str, Mapping[str, str]]
"""The names suggested for each segment, by who did."""


Held = Mapping[str, Sequence[str]]
"""Why evidence does not adopt each segment."""


def _held(context: Context, segment: Segment) -> tuple[str, ...]:
    return held_back(context, segment) if segment.state == "open" else ()


def _show(
    form: Form, found: tuple[Segment, ...], *, none: str, held: Held, called: Called, names: Names | None = None
) -> None:
    show(
        form,
        lambda: _page(found, none=none, names=names or {}, held=held, called=called),
        lambda: json_of(found, tuple[Segment, ...]),
    )


def _page(found: tuple[Segment, ...], *, none: str, names: Names, held: Held, called: Called) -> Page:
    blocks = (block for each in found for block in _blocks(each, names.get(each.id, {}), held[each.id], called))
    return tuple(blocks) or (Text(text=none),)


def _differs(segment: Segment) -> Iterator[str]:
    found = differences(segment)
    for way, columns in (("More", found.more), ("Less", found.less)):
        if columns:
            yield f"{way} than most: {', '.join(columns)}."


def _first_test(segment: Segment) -> tuple[str, ...]:
    if not segment.options:
        return ()
    return (f"First test: {attribute_name(segment.attribute)}: {' v '.join(segment.options)} - {segment.why}",)


def _blocks(segment: Segment, names: Mapping[str, str], held: Sequence[str], called: Called) -> tuple[Block, ...]:
    segment = called.personas.segment(segment)
    f1 = f" (F1 {segment.explanation_f1:.2f})" if segment.in_words == segment.explanation else ""
    share, nearest = share_words(segment.share, 1), named(called.personas.persona(segment.nearest))
    size = f"{segment.size:,} customers ({share}), most like {nearest}"
    lines = (
        f"{size}; returned in {segment.returned} of {segment.splits} random splits.",
        f"In words: {segment_words(segment)}{f1}.",
        *_differs(segment),
        *(f"Proof: {check}." for check in segment.proof),
        *(f"Response: {line[0].lower()}{line[1:]}" for line in response_words(segment)),
        *_first_test(segment),
        *(f"Since then: {line}." for line in life_words(segment, called)),
        *(f"Look first: {reason}." for reason in segment.review),
        *(f"Not adopted by evidence: {reason}." for reason in held),
        *(f"Suggested name: {named(name)} ({by})." for by, name in names.items()),
    )
    state = f"{segment.state} by {segment.decided_by}" if segment.decided_by else segment.state
    title = f"{segment.id}: {segment.name} ({state}; seen {segment.first_seen} to {segment.last_seen})"
    return (Heading(text=title), Bullets(items=lines))
