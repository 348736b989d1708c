"""What a decision is about, as people read it."""

from __future__ import annotations

from living_personas.domain.belief import Subject
from living_personas.domain.names import subject_name
from living_personas.ports import Store

__all__ = ["told_subject"]


def told_subject(store: Store, about: Subject) -> str:
    """The name of the persona and of its attribute; the id of a persona that has no version."""
    names = {version.id: version.persona.name for version in store.versions.latest()}
    return subject_name(names.get(about.persona, about.persona), about.attribute, about.channel)
