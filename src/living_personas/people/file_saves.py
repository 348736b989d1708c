"""Files that people keep, saved with the checks of `personas check`: by whom, why, and what to go back to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from living_personas.domain.file_save import FileSave
from living_personas.domain.legible import check_legible
from living_personas.errors import InvalidDecisionError, UnknownNameError
from living_personas.loop.context import Context
from living_personas.memory.people_records import FILE_SAVES
from living_personas.people.person import Person
from living_personas.ports import Store
from living_personas.workspace.file_problems import Problems
from living_personas.workspace.files import Workspace, read_workspace
from living_personas.workspace.text_file import put_text, read_text
from living_personas.workspace.workspace_folder import PERSONAS

__all__ = ["LONGEST_WHY", "persona_path", "save_file", "saves_of", "text_of", "undo_save"]

LONGEST_WHY = 500
"""Characters of the reason for a save."""


def persona_path(root: Path, persona: str) -> Path:
    """The file of a persona: the one that is called like it, or else the one that says so.

    Raises
    ------
    UnknownNameError
        If no file says so.
    """
    path = root / PERSONAS / f"{persona}.yaml"
    if path.is_file() and f"persona: {persona}" in path.read_text(encoding="utf-8").splitlines():
        return path
    return Path(read_workspace(root).where(persona).file)


def text_of(path: Path) -> str | None:
    """The text of a file, with its line ends; None if there is none.

    Raises
    ------
    InvalidFilesError
        If it cannot be read.
    """
    if not path.exists():
        return None
    problems = Problems()
    try:
        return read_text(path, problems)
    finally:
        problems.raise_if_any()


def save_file(
    context: Context,
    path: Path,
    text: str | None,
    person: Person,
    *,
    root: Path,
    before: str | None,
    persona: str,
    why: str,
    undoes: int = 0,
) -> Workspace:
    """Write a file, None takes it away; what all files together mean then.

    Raises
    ------
    InvalidFilesError
        With every problem that the files would have; nothing is written.
    InvalidDecisionError
        If the file is not any more what it was when the change was made, or the reason cannot be taken.
    """
    said = check_legible(" ".join(why.split()), what="The reason", longest=LONGEST_WHY, least=0)
    meant = read_workspace(root, instead={path: text})
    with context.store.commit():
        if text_of(path) != before:
            raise InvalidDecisionError(
                f"{path.name} was changed in the meantime, elsewhere or in another tab.",
                hint="reload the page, and change it anew.",
            )
        known = {version.id: version.version for version in context.store.versions.latest()}
        number = len(FILE_SAVES.names(context.store)) + 1
        save = FileSave(
            file=path.relative_to(root).as_posix(),
            persona=persona,
            version=known.get(persona, 0),
            by=person.by,
            at=person.now,
            why=said,
            before=before,
            after=text,
            undoes=undoes,
        )
        FILE_SAVES.write(context.store, f"{number:08d}", save)
        put_text(path, text)
    return meant


def undo_save(context: Context, number: int, person: Person, *, root: Path) -> FileSave:
    """Take back a save: the file is what it was before it.

    Raises
    ------
    InvalidDecisionError
        If the file was changed since.
    InvalidFilesError
        If what it was does not fit the other files any more.
    """
    saves = saves_of(context.store)
    if number not in saves:
        raise UnknownNameError.among("save", str(number), map(str, saves))
    save = saves[number]
    save_file(
        context,
        root / save.file,
        save.before,
        person,
        root=root,
        before=save.after,
        persona=save.persona,
        why=f"Undoes: {save.why}"[:LONGEST_WHY],
        undoes=number,
    )
    return save


def saves_of(store: Store, persona: str = "", *, file: str = "") -> Mapping[int, FileSave]:
    """The saves by their numbers, oldest first: those of a persona's file, those of a ``file`` by its path, or all."""
    found = {int(name): save for name, save in FILE_SAVES.all(store).items()}
    return {n: save for n, save in found.items() if persona in ("", save.persona) and file in ("", save.file)}
