"""Personas become versions: what is written in the files is the first, an edited file the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from living_personas.domain.file_save import FileSave
from living_personas.domain.persona import Persona, PersonaVersion
from living_personas.domain.upkeep import Upkeep
from living_personas.loop.context import Context
from living_personas.loop.corrections.ended_personas import note_presence
from living_personas.loop.learning.caps import with_cap
from living_personas.memory.people_records import FILE_SAVES
from living_personas.memory.records import SEGMENTS
from living_personas.memory.search_records import UPKEEP
from living_personas.refining.apply import baseline, edited

__all__ = ["adopt"]


def adopt(context: Context, day: date) -> tuple[PersonaVersion, ...]:
    """Versions for what the files say and the store does not know yet; they hold from ``day`` on.

    A goal that waited for its cap is another one once the cap is fixed.
    """
    note_presence(context, day)
    known = {version.id: version for version in context.store.versions.latest()}
    saves = tuple(FILE_SAVES.all(context.store).values())
    proposed = tuple(UPKEEP.all(context.store).values())
    new: list[PersonaVersion] = []
    for written in context.personas:
        persona = with_cap(context, written, day=day)
        before = known.get(persona.id)
        earlier = _earlier(context, persona) if before else ()
        said = _said(saves, proposed, before, persona) if before else ""
        version = (
            edited(before, persona, day=day, earlier=earlier, said=said) if before else _first(context, persona, day)
        )
        if version is not None:
            context.store.versions.append(version)
            new.append(version)
    return tuple(new)


def _first(context: Context, persona: Persona, day: date) -> PersonaVersion:
    """Version 1; of an adopted segment, and of a part that evidence split off, by whom and with the reason."""
    first = baseline(persona, day=day)
    for segment in SEGMENTS.all(context.store).values():
        if segment.state == "adopted" and segment.persona == persona.id:
            why = f"Adopted: segment {segment.id} ({segment.name}), first found on {segment.first_seen}."
            return replace(first, reason=why, by=segment.decided_by)
    made = [r for r in context.store.refinements.all() if r.split is not None and r.split.persona == persona.id]
    for each in made:
        if each.verdict == "apply":
            return replace(first, reason=each.why, by=each.decided_by, refinement=each.id)
    return first


def _said(saves: Iterable[FileSave], proposed: Iterable[Upkeep], before: PersonaVersion, written: Persona) -> str:
    """Who saved the file since a version, or decided on a proposal about its rule, and why; nothing if nobody did."""
    mine = [each for each in saves if (each.persona, each.version) == (before.id, before.version)]
    named = [f"{each.by} ({each.why})" if each.why else each.by for each in mine]
    if before.persona.who != written.who:
        named += [
            f"{each.events[-1].by} (proposal {each.id} {each.state})"
            for each in proposed
            if each.persona == written.id and _made_of(each) == (before.persona.who, written.who)
        ]
    return f" by {', '.join(dict.fromkeys(named))}" if named else ""


def _made_of(found: Upkeep) -> tuple[str, str]:
    """The rule that applying a proposal, or taking it back, replaced, and the rule that it wrote."""
    was, now = dict(found.rules)[found.persona], found.proposed
    return (was, now) if found.state == "applied" else (now, was) if found.state == "undone" else ("", "")


def _earlier(context: Context, persona: Persona) -> tuple[PersonaVersion, ...]:
    """All versions but the newest, where the file says that options were called otherwise: one of them asked so."""
    renamed = any(attribute.was for attribute in persona.attributes)
    return tuple(context.store.versions.history(persona.id))[:-1] if renamed else ()
