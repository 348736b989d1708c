"""What people decide on proposals about personas: apply one to the files, dismiss it, take either back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from living_personas.domain.file_text import FileText
from living_personas.domain.upkeep import Upkeep, UpkeepState
from living_personas.errors import InvalidDecisionError, LivingPersonasError
from living_personas.loop.context import Context
from living_personas.loop.segments.reopening import check_settled
from living_personas.loop.segments.upkeep_proposals import upkeep_named, with_event
from living_personas.memory.search_records import UPKEEP
from living_personas.workspace.files import Workspace, read_workspace
from living_personas.workspace.round_trip import Put, rewritten
from living_personas.workspace.text_file import put_text, text_there

__all__ = ["Decision", "decide_upkeep"]


Decision = Literal["applied", "dismissed", "undone", "open"]
"""``applied`` writes the files, ``undone`` brings them back, ``dismissed`` keeps everything as it is; ``open`` lets
what was dismissed or undone wait for a person again."""


_DECIDES: Mapping[Decision, tuple[UpkeepState, ...]] = {
    "applied": ("open",),
    "dismissed": ("open",),
    "undone": ("applied",),
    "open": ("dismissed", "undone"),
}
"""The states that each decision is about."""


def decide_upkeep(
    context: Context, name: str, decision: Decision, *, root: Path, day: date, by: str, at: datetime | None = None
) -> Upkeep:
    """What a person says of a proposal; the persona files are below ``root``, and hold from the next cycle on.

    What was dismissed or undone is not proposed again as long as the rules that it is about stay what they are, unless
    it is opened again.

    Raises
    ------
    InvalidDecisionError
        If it does not wait for anybody (to undo it: was not applied; to open it: was neither dismissed nor undone), or
        the files say something else by now.
    InvalidFilesError
        If the files are not valid, or would not be; then they stay as they are.
    """
    found = upkeep_named(context.store, name, states=_DECIDES[decision])
    files: tuple[FileText, ...] = ()
    if decision == "undone":
        _check_applied(found, root)
        _write([FileText(name=each.name, before=each.after, after=each.before) for each in found.files], root)
    elif decision == "open":
        check_settled(f"Proposal {found.id!r}", found.state, settled=_DECIDES[decision], listed="personas upkeep")
    else:
        _check_waiting(found)
    if decision == "applied":
        workspace = read_workspace(root)
        _check_still_meant(found, workspace)
        files = tuple(_changes(found, workspace))
        _write(files, root)
    kept = replace(with_event(found, decision, day, by=by, at=at), files=files)
    UPKEEP.write(context.store, kept.id, kept)
    return kept


def _check_waiting(found: Upkeep) -> None:
    if found.state != "open":
        who = found.events[-1].by
        raise InvalidDecisionError(
            f"Proposal {found.id!r} does not wait for anybody: it is {found.state}{f', by {who}' if who else ''}.",
            hint="see `personas upkeep`.",
        )


def _check_applied(found: Upkeep, root: Path) -> None:
    if found.state != "applied":
        raise InvalidDecisionError(
            f"Proposal {found.id!r} is {found.state}, and only what was applied can be taken back.",
            hint="see `personas upkeep`.",
        )
    for file in found.files:
        if text_there(root / file.name) != file.after:
            raise InvalidDecisionError(
                f"{file.name} is not what the proposal made of it.",
                hint="it was edited since: edit it by hand (`personas upkeep` shows the rules as they were).",
            )


def _check_still_meant(found: Upkeep, workspace: Workspace) -> None:
    rules = {persona.id: persona.who for persona in workspace.personas}
    for persona, rule in found.rules:
        if rules.get(persona) != rule:
            raise InvalidDecisionError(
                f"Persona {persona!r} had the rule `{rule}` when this was proposed, and "
                f"{f'has `{rules[persona]}` now' if persona in rules else 'is in no file now'}.",
                hint="dismiss it; `personas discover` looks again.",
            )


def _changes(found: Upkeep, workspace: Workspace) -> Iterator[FileText]:
    """The files that the proposal writes and removes."""
    (first, _), *others = found.rules
    gone = [persona for persona, _ in others]
    if found.proposed:
        path = Path(workspace.where(first).file)
        before = text_there(path) or ""
        after = rewritten(before, [Put(way=("who",), content=found.proposed)], file=path.as_posix())
        yield FileText(name=_below(path, workspace), before=before, after=after)
    else:
        gone = [first, *gone]
    for persona in gone:
        path = Path(workspace.where(persona).file)
        yield FileText(name=_below(path, workspace), before=text_there(path), after=None)


def _below(path: Path, workspace: Workspace) -> str:
    return path.resolve().relative_to(workspace.root.resolve()).as_posix()


def _write(files: Sequence[FileText], root: Path) -> None:
    """Write all of the files; where they would not be valid then, all stay what they were."""
    for each in files:
        put_text(root / each.name, each.after)
    try:
        read_workspace(root)
    except LivingPersonasError:
        for each in files:
            put_text(root / each.name, each.before)
        raise
