"""The picture of a persona: a file beside its own, of the same name."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from living_personas.errors import InvalidPersonaError, Location
from living_personas.workspace.workspace_folder import PERSONAS

__all__ = ["persona_picture"]

MOST_BYTES = 2 << 20

_KINDS = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg"}
"""What pictures are, by how their files' names end."""

_BEGINS = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff"}


def persona_picture(root: Path, persona: str) -> str:
    """The picture as an address that holds it (``data:image/...``); empty if there is no file of it.

    Parameters
    ----------
    root
        The workspace's folder: the file is ``personas/ID.png`` or ``.jpg`` in it.

    Raises
    ------
    InvalidPersonaError
        If there are two, or it is too large, or not what its name says.
    """
    found = [path for end in _KINDS if (path := root / PERSONAS / f"{persona}.{end}").is_file()]
    if not found:
        return ""
    path = found[0]
    where = Location(file=f"{PERSONAS}/{path.name}")
    if len(found) > 1:
        raise InvalidPersonaError(
            f"The persona {persona!r} has two pictures, {path.name} and {found[1].name}.",
            hint="remove one of them.",
            where=where,
        )
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise InvalidPersonaError(
            f"The picture has {size:,} bytes.", hint=f"make it smaller: {MOST_BYTES:,} bytes at most.", where=where
        )
    kind, content = _KINDS[path.suffix[1:]], path.read_bytes()
    if not content.startswith(_BEGINS[kind]):
        raise InvalidPersonaError(
            f"The file is no {kind.upper()}, as its name says.", hint="save it as PNG or JPEG.", where=where
        )
    return f"data:image/{kind};base64,{b64encode(content).decode()}"
