"""Personas whose files are taken away end, and those whose files come back go on where they stood: both are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from living_personas.domain.presence import Presence
from living_personas.loop.context import Context
from living_personas.memory.people_records import FILE_SAVES, PRESENCES
from living_personas.memory.records import SEGMENTS
from living_personas.memory.search_records import UPKEEP
from living_personas.ports import Store

__all__ = ["note_presence", "presences"]


def presences(store: Store) -> tuple[Presence, ...]:
    """Every end and return of a persona, the oldest first."""
    return tuple(PRESENCES.all(store).values())


def note_presence(context: Context, day: date) -> None:
    """Keep which personas of the newest snapshot no file has now, and which that had ended are there again."""
    published = context.store.snapshots.latest()
    if published is None:
        return
    there = {each.persona: each.there for each in presences(context.store)}
    now = {persona.id for persona in context.personas}
    ended = {each.persona for each in published.personas if there.get(each.persona, True)} - now
    returned = {persona for persona in now if not there.get(persona, True)}
    versions = {version.id: version.version for version in context.store.versions.latest()}
    first = len(PRESENCES.names(context.store)) + 1
    for number, persona in enumerate(sorted(ended | returned), start=first):
        is_there = persona in returned
        why = f"Its file {'is there again' if is_there else 'was taken away'}{_by(context, persona, there=is_there)}."
        found = Presence(persona=persona, version=versions[persona], day=day, there=is_there, why=why)
        PRESENCES.write(context.store, f"{number:08d}", found)


def _by(context: Context, persona: str, *, there: bool) -> str:
    """Whose decision it was: nothing where people took the file away, or brought it back, by hand."""
    said = next(_decisions(context, persona, there=there), "")
    return f" by {said}" if said else ""


def _decisions(context: Context, persona: str, *, there: bool) -> Iterator[str]:
    """Who decided so last, where anybody did in so many words."""
    for proposal in UPKEEP.all(context.store).values():
        if proposal.state == ("undone" if there else "applied") and persona in _taken(
            proposal.rules, proposal.proposed
        ):
            yield f"{proposal.events[-1].by} (proposal {proposal.id} {proposal.state})"
    for segment in SEGMENTS.all(context.store).values():
        if not there and segment.life and (segment.life[-1].kind, segment.life[-1].other) == ("undone", persona):
            yield f"{segment.life[-1].by} (adoption of segment {segment.id} undone)"
    saves = [each for each in FILE_SAVES.all(context.store).values() if each.persona == persona]
    if saves and (saves[-1].after is not None) == there:
        yield saves[-1].by


def _taken(rules: tuple[tuple[str, str], ...], proposed: str) -> tuple[str, ...]:
    """The personas whose files a proposal takes away."""
    return tuple(persona for persona, _ in rules)[1 if proposed else 0 :]
