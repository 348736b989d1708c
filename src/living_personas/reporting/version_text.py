"""A persona version as text that can be compared line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from living_personas.domain.persona import PersonaVersion, Standing
from living_personas.domain.report import LogEntry
from living_personas.domain.told_number import number_text
from living_personas.reporting.changes import kind_words, on_words
from living_personas.workspace.persona_text import persona_text
from living_personas.workspace.yaml_text import scalar_text

__all__ = ["version_diff", "version_text"]


def version_text(version: PersonaVersion) -> str:
    """What people wrote, and below it what holds now."""
    return "\n".join([persona_text(version.persona).rstrip(), "", *_holds_now(version)]) + "\n"


def version_diff(old: PersonaVersion, new: PersonaVersion, *, log: Iterable[LogEntry]) -> str:
    """What changed from one version to another, as a unified diff; empty if nothing did. ``log`` names both."""
    said = {entry.version: entry for entry in log if entry.is_version}
    before, after = (f"{each.id} version {each.version}{_made(said.get(each.version))}" for each in (old, new))
    lines = difflib.unified_diff(
        version_text(old).splitlines(), version_text(new).splitlines(), before, after, lineterm=""
    )
    return "".join(f"{line}\n" for line in lines)


def _made(entry: LogEntry | None) -> str:
    return f" ({kind_words(entry)} by {entry.by} {on_words(entry)})" if entry is not None else ""


def _holds_now(version: PersonaVersion) -> Iterator[str]:
    yield "holds_now:"
    for standing in version.standings:
        name = f"{standing.attribute} on {standing.channel}" if standing.channel else standing.attribute
        yield f"  {scalar_text(name)}:"
        yield from (f"    {key}: {written}" for key, written in _stands(standing))
    for trait in version.traits:
        yield f"  {scalar_text(trait.name)}: {number_text(trait.believed)}"


def _stands(standing: Standing) -> Iterator[tuple[str, str]]:
    yield "value", scalar_text(standing.value)
    yield "status", standing.status
    if standing.decided_on is not None:
        yield "decided_on", str(standing.decided_on)
    if standing.decided_by:
        yield "decided_by", scalar_text(standing.decided_by)
    if standing.pinned:
        yield "pinned", "true"
