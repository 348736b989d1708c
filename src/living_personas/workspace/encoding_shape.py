"""The encoding of a text file, as a file may name it."""

from __future__ import annotations

import codecs
from encodings.aliases import aliases

from living_personas.errors import InvalidSettingsError, Location, did_you_mean
from living_personas.workspace.shapes import PlainText

__all__ = ["ENCODING"]

_NO_FILES = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
"""What Python counts among encodings, and no file of rows is written in."""


def _encoding(text: str, where: Location) -> None:
    if not _is_one(text):
        raise InvalidSettingsError(f"There is no encoding {text!r}.", hint=_nearest(text), where=where)


def _is_one(text: str) -> bool:
    try:
        "".encode(text)
        return codecs.lookup(text).name not in _NO_FILES
    except (LookupError, ValueError):
        return False


def _nearest(text: str) -> str:
    names = {name.replace("_", "-") for name in (*aliases, *aliases.values()) if _is_one(name)}
    hint = did_you_mean(text, names, kind="encoding")
    return hint if hint.startswith("did") else "write it like 'windows-1252', 'iso-8859-15' or 'shift-jis'."


ENCODING = PlainText(check=_encoding, example="windows-1252")
