"""``log``, ``diff`` and ``rollback``: nothing is overwritten, so everything can be looked up and taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.login import person
from living_personas.cli.opened import goals_of, opened
from living_personas.cli.option_labels import labels_known
from living_personas.cli.options import By, DryRun, Folder, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.domain.names import named
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.report import LogEntry
from living_personas.errors import InsufficientEvidenceError, UnknownNameError
from living_personas.loop.context import Context
from living_personas.people import acting
from living_personas.reporting.page import Code, Text
from living_personas.reporting.report import log_entries
from living_personas.reporting.report_page import log_table
from living_personas.reporting.rollback_words import rollback_words
from living_personas.reporting.version_text import version_diff

__all__ = ["diff", "log", "rollback"]

PersonaId = Annotated[str, Parameter(help="The persona's id.")]
OnlyPersona = Annotated[str, Parameter(help="Only the versions of this persona.")]
Older = Annotated[int | None, Parameter(help="A version; the one before the newest unless given.")]
Newer = Annotated[int | None, Parameter(help="Another version; the newest unless given.")]
To = Annotated[int, Parameter(help="The version to go back to.")]


def log(*, persona: OnlyPersona = "", form: Format = "table", workspace: Folder = Path()) -> None:
    """List every version, oldest first: when, what kind of change, why, by whom, on what evidence."""
    with opened(workspace, reads=True) as (_, context):
        if persona:
            _history(context, persona)
        entries = log_entries(context, persona=persona or None)
        labels = labels_known(context)
        told = tuple(map(labels.entry, entries))
        goals = goals_of(context)
    none = Text(text="There is no version yet: run one cycle with `personas run`.")
    show(
        form,
        lambda: (log_table(told, goals, labels) if told else none,),
        lambda: json_of(entries, tuple[LogEntry, ...]),
    )


def diff(
    persona: PersonaId,
    older: Older = None,
    newer: Newer = None,
    /,
    *,
    form: Format = "table",
    workspace: Folder = Path(),
) -> None:
    """Show what changed between two versions of a persona, as a unified diff."""
    with opened(workspace, reads=True) as (_, context):
        history, entries = _history(context, persona), log_entries(context, persona=persona)
    new = _version(history, newer if newer is not None else len(history))
    old = _version(history, older if older is not None else max(1, new.version - 1))
    text = version_diff(old, new, log=entries)
    same = Text(text=f"Versions {old.version} and {new.version} of {new.persona.name} say the same.")
    found = {"persona": persona, "older": old.version, "newer": new.version, "diff": text}
    show(
        form,
        lambda: (Code(text=text, language="diff") if text else same,),
        lambda: json.dumps(found, indent=2, ensure_ascii=False) + "\n",
    )


def rollback(
    persona: PersonaId, /, *, to: To, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()
) -> None:
    """Go back to what an older version said: that is the next version, and it is published.

    With `--dry-run`, what becomes of which value is said beforehand.
    """
    with opened(workspace, rehearse=dry_run) as (_, context):
        before = _history(context, persona)[-1]
        version = acting.roll_back(context, persona, person(by), to=to)
        labels = labels_known(context)
        said = rollback_words(before, version, option=lambda *each: named(labels.option(persona, *each)))
        words = said if dry_run else ()
        same = f"Nothing was changed: its values are those of version {to}."
        name = version.persona.name
        tell(f"{name} is at version {version.version}. {same if version == before else version.reason}", *words)


def _history(context: Context, persona: str) -> tuple[PersonaVersion, ...]:
    history = context.store.versions.history(persona)
    if not history and persona in {written.id for written in context.personas}:
        raise InsufficientEvidenceError(
            f"Persona {persona!r} has no version yet.", hint="run one cycle: `personas run`."
        )
    if not history:
        raise UnknownNameError.among("persona", persona, [version.id for version in context.store.versions.latest()])
    return history


def _version(history: tuple[PersonaVersion, ...], number: int) -> PersonaVersion:
    known = {version.version: version for version in history}
    if number not in known:
        raise UnknownNameError.among(f"version of {history[0].id!r}:", str(number), map(str, known))
    return known[number]
