"""A segment becomes a persona: a file that people can read and edit, and version 1 at the next cycle.

What is decided is remembered before the file is written, and that it was written after: whoever is interrupted in
between goes on (``settle_files``), and a file that people took away or wrote anew is never touched.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from living_personas.domain.file_text import FileText
from living_personas.domain.legible import check_legible
from living_personas.domain.persona import Persona
from living_personas.domain.segment import Segment
from living_personas.errors import InvalidDecisionError
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import features_of
from living_personas.loop.segments.discovery import drafted_persona, segment_named, settle_segment
from living_personas.loop.segments.lives import happened, known_segments
from living_personas.loop.segments.reopening import check_settled
from living_personas.memory.records import SEGMENTS
from living_personas.ports import Store
from living_personas.rules.withheld import uses_protected
from living_personas.workspace.files import read_workspace
from living_personas.workspace.persona_text import persona_text
from living_personas.workspace.text_file import put_text, text_there
from living_personas.workspace.workspace_folder import PERSONAS

__all__ = [
    "LONGEST_NAME",
    "adopt_segment",
    "dismiss_segment",
    "rename_segment",
    "reopen_segment",
    "settle_files",
    "undo_adoption",
]

LONGEST_NAME = 80
"""Characters of a segment's name."""


def adopt_segment(
    context: Context, segment: Segment, *, root: Path, day: date, by: str, at: datetime | None = None
) -> Persona:
    """Write the segment's persona file below ``root``, and remember who adopted it, and when.

    Raises
    ------
    InvalidDecisionError
        If it was adopted or dismissed before, or was found by what is protected since.
    InvalidFilesError
        If the files are not valid, or would not be; then nothing is changed.
    """
    with context.store.commit():
        found = segment_named(context.store, segment.id)
        _check_open(found)
        _check_unprotected(context, found)
        names = [path.stem for path in (root / PERSONAS).glob("*.yaml")]
        persona = drafted_persona(_as_written(context, root), found, day=day, taken=names)
        file = FileText(name=f"{PERSONAS}/{persona.id}.yaml", before=None, after=persona_text(persona))
        read_workspace(root, instead={root / file.name: file.after})
        told = happened(found, "adopted", day, others=[persona.id], by=by, at=at)
        adopted = replace(told, file=file, file_waits=True)
        settle_segment(context.store, adopted, state="adopted", by=by, persona=persona.id)
    settle_files(context.store, root)
    return persona


def undo_adoption(
    context: Context, segment: Segment, *, root: Path, day: date, by: str, at: datetime | None = None
) -> Segment:
    """Take an adopted segment's persona file away; the segment is dismissed then, until a person opens it again.

    What the persona has learned stays in its history.

    Raises
    ------
    InvalidDecisionError
        If it is not adopted, or its file was edited since.
    InvalidFilesError
        If the files would not be valid without it; then nothing is changed.
    """
    with context.store.commit():
        found = segment_named(context.store, segment.id)
        name = _file_to_take_away(found, root)
        read_workspace(root, instead={root / name: None})
        file = FileText(name=name, before=text_there(root / name), after=None)
        told = happened(found, "undone", day, others=[found.persona], by=by, at=at)
        settle_segment(context.store, replace(told, file=file, file_waits=True), state="dismissed", by=by)
    settle_files(context.store, root)
    return segment_named(context.store, segment.id)


def settle_files(store: Store, root: Path) -> tuple[Path, ...]:
    """Do to the persona files what was decided about segments and may not be done yet; the files that were changed."""
    changed: list[Path] = []
    for segment in known_segments(store):
        if segment.file is None or not segment.file_waits:
            continue
        path = root / segment.file.name
        if text_there(path) == segment.file.before != segment.file.after:
            put_text(path, segment.file.after)
            changed.append(path)
        SEGMENTS.write(store, segment.id, replace(segment, file_waits=False))
    return tuple(changed)


def dismiss_segment(store: Store, segment: Segment, *, day: date, by: str, at: datetime | None = None) -> Segment:
    """Remember that a segment is of no use; it keeps its id when it is seen again."""
    _check_open(segment)
    return settle_segment(store, happened(segment, "dismissed", day, by=by, at=at), state="dismissed", by=by)


def reopen_segment(
    context: Context, segment: Segment, *, root: Path, day: date, by: str, at: datetime | None = None
) -> Segment:
    """Let a dismissed segment wait for a person again; evidence adopts it only once a week's searches found it since.

    Raises
    ------
    InvalidDecisionError
        If it is not dismissed.
    """
    settle_files(context.store, root)
    with context.store.commit():
        found = segment_named(context.store, segment.id)
        check_settled(f"Segment {found.id!r}", found.state, settled=["dismissed"], listed="personas discover list")
        again = replace(happened(found, "reopened", day, by=by, at=at), since=day, missing_since=None, file=None)
        return settle_segment(context.store, again, state="open", by="")


def rename_segment(store: Store, segment: Segment, *, name: str, day: date, by: str, at: datetime) -> Segment:
    """The segment under a name that people gave it; it keeps the name when it is seen again, and who gave it."""
    _check_open(segment)
    called = check_legible(" ".join(name.split()), what="The name of the segment", longest=LONGEST_NAME)
    if called == segment.name:
        return segment
    told = happened(segment, "renamed", day, others=[segment.name], by=by, at=at)
    return settle_segment(store, replace(told, name=called), state="open", by="")


def _as_written(context: Context, root: Path) -> Context:
    """With the personas whose files were written since it was opened: each takes an id and the first priority."""
    known = {persona.id for persona in context.personas}
    since = (persona for persona in read_workspace(root).personas if persona.id not in known)
    return replace(context, personas=(*context.personas, *since))


def _file_to_take_away(segment: Segment, root: Path) -> str:
    """The name of the adopted segment's file, which is as it was written, or not there any more."""
    if segment.state != "adopted":
        raise InvalidDecisionError(
            f"Segment {segment.id!r} is {segment.state}, and only what was adopted can be taken back.",
            hint=f"`personas discover reopen {segment.id}` lets it wait again."
            if segment.state == "dismissed"
            else "see `personas discover list`.",
        )
    name = segment.file.name if segment.file else f"{PERSONAS}/{segment.persona}.yaml"
    written = segment.file.after if segment.file else None
    if text_there(root / name) not in (None, written):
        raise InvalidDecisionError(
            f"{name} is not what the adoption wrote: people have worked on it.",
            hint="take the file away by hand if nobody needs it, then undo the adoption.",
        )
    return name


def _check_unprotected(context: Context, segment: Segment) -> None:
    used = uses_protected(context.settings, features_of(context), segment.who)
    if used:
        raise InvalidDecisionError(
            f"Segment {segment.id!r} was found by {', '.join(map(repr, used))}, which is protected now.",
            hint="dismiss it, or look again: `personas discover` finds what can be said without it.",
        )


def _check_open(segment: Segment) -> None:
    if segment.state == "gone":
        raise InvalidDecisionError(
            f"Segment {segment.id!r} is gone: it was last found on {segment.last_seen}.",
            hint="see `personas discover list`; it comes back by itself when it is found again.",
        )
    if segment.state != "open":
        raise InvalidDecisionError(
            f"Segment {segment.id!r} was {segment.state} by {segment.decided_by}.",
            hint="see `personas discover list`.",
        )
