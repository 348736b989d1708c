"""Notes about personas: each is added once and changed by nobody; one that names a customer who is erased goes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from living_personas.domain.forgotten import text_names_any
from living_personas.domain.note import Note
from living_personas.errors import UnknownNameError, by_name
from living_personas.loop.context import Context
from living_personas.memory.people_records import NOTES
from living_personas.ports import Store

__all__ = ["add_note", "forget_notes", "notes_naming", "notes_of"]


def add_note(context: Context, note: Note) -> int:
    """Keep a note; its number.

    Raises
    ------
    UnknownNameError
        If there is no such persona, or it has no such attribute.
    """
    known = {version.id: version.persona for version in context.store.versions.latest()}
    attributes = [each.name for each in by_name("persona", note.persona, known).attributes]
    if note.about and note.about not in attributes:
        raise UnknownNameError.among(f"attribute of {note.persona!r}:", note.about, attributes)
    with context.store.commit():
        number = len(NOTES.names(context.store)) + 1
        NOTES.write(context.store, f"{number:08d}", note)
    return number


def notes_of(store: Store, persona: str) -> Mapping[int, Note]:
    """The notes about a persona by their numbers, oldest first."""
    return {int(name): note for name, note in NOTES.all(store).items() if note.persona == persona}


def notes_naming(store: Store, ids: Collection[str]) -> Iterator[tuple[int, Note]]:
    """The notes that name one of these ids."""
    found = ((int(name), note) for name, note in NOTES.all(store).items())
    return ((number, note) for number, note in found if text_names_any(note.text, ids))


def forget_notes(store: Store, ids: Collection[str]) -> None:
    """Forget what notes say that name one of these ids; that there was a note, by whom and when, stays."""
    for number, note in [*notes_naming(store, ids)]:
        NOTES.write(store, f"{number:08d}", replace(note, text="", erased=True))
