"""Pictures of personas and of their options: files beside those of the personas, or addresses elsewhere."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from living_personas.domain.persona import Persona
from living_personas.errors import InvalidPersonaError, Location
from living_personas.workspace.picture_content import PICTURE_ENDINGS, PictureContent, read_picture
from living_personas.workspace.text_file import write_bytes_atomically
from living_personas.workspace.workspace_folder import PERSONAS

__all__ = ["FILE_PATTERN", "keep_picture", "persona_picture", "picture_file", "picture_problems", "read_picture_file"]

FILE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}\.(?:png|jpg|jpeg|webp)"
"""The name of a picture's file: it names no other folder."""


def picture_file(root: Path, persona: str, *, named: str) -> str:
    """The name of the file of a persona's picture; empty if it has none.

    It is the one that is ``named``, or else ``personas/ID.png``, ``.jpg`` or ``.webp``.

    Raises
    ------
    InvalidPersonaError
        If none is named, and there are two.
    """
    if named:
        return named
    names = [f"{persona}.{end}" for end in PICTURE_ENDINGS]
    found = [name for name in names if (root / PERSONAS / name).is_file()]
    if len(found) > 1:
        raise InvalidPersonaError(
            f"The persona {persona!r} has two pictures, {found[0]} and {found[1]}.",
            hint="remove one of them, or name one as its `picture`.",
            where=Location(file=f"{PERSONAS}/{found[0]}"),
        )
    return found[0] if found else ""


def persona_picture(root: Path, persona: Persona) -> str:
    """The picture as an address that holds it (``data:image/...``); empty if there is no file of it.

    Parameters
    ----------
    root
        The workspace's folder.

    Raises
    ------
    InvalidPersonaError
        If there are two, or it cannot be shown.
    """
    name = picture_file(root, persona.id, named=persona.picture)
    if not name:
        return ""
    found = read_picture_file(root, name)
    return f"data:image/{found.kind};base64,{b64encode(found.content).decode()}"


def read_picture_file(root: Path, name: str) -> PictureContent:
    """A picture beside the personas, by the name of its file.

    Raises
    ------
    InvalidPersonaError
        If there is none, or it is not what its name says, or cannot be shown.
    """
    path, where = root / PERSONAS / name, Location(file=f"{PERSONAS}/{name}")
    if not re.fullmatch(FILE_PATTERN, name) or not path.is_file():
        missing = f"There is no picture {name!r} beside the personas."
        raise InvalidPersonaError(missing, hint="name a file that is there.", where=where)
    try:
        found = read_picture(path.read_bytes())
    except InvalidPersonaError as error:
        raise InvalidPersonaError(error.message, hint=error.hint, where=where) from error
    kind = PICTURE_ENDINGS[path.suffix[1:]]
    if found.kind != kind:
        raise InvalidPersonaError(
            f"The file is a {found.kind.upper()}, and no {kind.upper()}, as its name says.",
            hint="give it the ending of what it is.",
            where=where,
        )
    return found


def keep_picture(root: Path, stem: str, found: PictureContent) -> str:
    """Keep a picture beside the personas, under a name that another content does not have; the name.

    What was there stays: an undone edit names it again.
    """
    name = f"{stem}-{sha256(found.content).hexdigest()[:12]}.{'jpg' if found.kind == 'jpeg' else found.kind}"
    path = root / PERSONAS / name
    if not path.is_file() or path.read_bytes() != found.content:
        write_bytes_atomically(path, found.content)
    return name


def picture_problems(root: Path, persona: Persona) -> list[InvalidPersonaError]:
    """What is wrong with the pictures that a persona and its options have beside it."""
    found: list[InvalidPersonaError] = []
    try:
        named = [picture_file(root, persona.id, named=persona.picture)]
    except InvalidPersonaError as error:
        named = []
        found.append(error)
    named += [name for each in persona.attributes for _, name in each.pictures if "://" not in name]
    for name in dict.fromkeys(filter(None, named)):
        try:
            read_picture_file(root, name)
        except InvalidPersonaError as error:
            found.append(error)
    return found
