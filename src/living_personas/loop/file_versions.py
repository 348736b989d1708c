"""Personas become versions: what is written in the files is the first, an edited file the next."""

from __future__ import annotations

from datetime import date

from living_personas.domain.persona import Persona, PersonaVersion
from living_personas.loop.caps import with_cap
from living_personas.loop.context import Context
from living_personas.refining.apply import baseline, edited

__all__ = ["adopt"]


def adopt(context: Context, day: date) -> tuple[PersonaVersion, ...]:
    """Versions for what the files say and the store does not know yet; they hold from ``day`` on.

    A goal that waited for its cap is another one once the cap is fixed.
    """
    known = {version.id: version for version in context.store.versions.latest()}
    new: list[PersonaVersion] = []
    for written in context.personas:
        persona = with_cap(context, written, day=day)
        before = known.get(persona.id)
        earlier = _earlier(context, persona) if before else ()
        version = edited(before, persona, day=day, earlier=earlier) if before else baseline(persona, day=day)
        if version is not None:
            context.store.versions.append(version)
            new.append(version)
    return tuple(new)


def _earlier(context: Context, persona: Persona) -> tuple[PersonaVersion, ...]:
    """All versions but the newest, where the file says that options were called otherwise: one of them asked so."""
    renamed = any(attribute.was for attribute in persona.attributes)
    return tuple(context.store.versions.history(persona.id))[:-1] if renamed else ()
