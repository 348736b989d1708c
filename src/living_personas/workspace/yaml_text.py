"""A text as it is written in YAML: bare where that is safe for every reader, in quotes where it is not."""

from __future__ import annotations

import json
import re

from living_personas.domain.legible import JOINERS

__all__ = ["block_text", "scalar_text"]

# What YAML 1.1 readers take for truth values or nothing; quoted, because other tools read these files, too.
_MISREAD = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null|nan|inf")
_BARE = re.compile(r"[^\W\d][^\n]*")


def scalar_text(text: str) -> str:
    """A text on one line, safe in a block and between brackets.

    >>> scalar_text("some data"), scalar_text("no"), scalar_text("10"), scalar_text("a: b")
    ('some data', '"no"', '"10"', '"a: b"')
    """
    unsafe = re.search(r"[\[\]{},\"'`|>*&!%#@:\\]|\s$|\s\s", text)
    if _BARE.fullmatch(text) and not unsafe and not _MISREAD.fullmatch(text) and text.isprintable():
        return text
    return re.sub(r"[^\x20-\x7e]", _escaped, json.dumps(text, ensure_ascii=False))


def block_text(text: str, *, indent: str) -> str:
    """A text of several lines as a literal block, or on one line if it has only one."""
    lines = text.split("\n")
    if len(lines) == 1 or text != text.strip() or not all(map(_is_plain, text.replace("\n", ""))):
        return scalar_text(text)
    return "|\n" + "\n".join(f"{indent}{line}" if line else "" for line in lines)


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    if _is_plain(character):
        return character
    return f"\\U{ord(character):08x}" if ord(character) > 0xFFFF else f"\\u{ord(character):04x}"


def _is_plain(character: str) -> bool:
    """Whether the file shows it as it is."""
    return character.isprintable() or character in JOINERS
