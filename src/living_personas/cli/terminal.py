"""Text for a terminal: what others wrote is shown there, and never obeyed."""

from __future__ import annotations

import re
import sys

from living_personas.cli.pasted import pasted

__all__ = ["visible", "write"]

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and newline, what turns the direction of writing, and what is no Unicode."""


def visible(text: str) -> str:
    r"""The text with characters spelled out that a terminal would obey.

    >>> print(visible("u1\x1b]0;owned\x07 \x9b2J\u202eok"))
    u1\x1b]0;owned\x07 \x9b2J\u202eok
    """
    return _UNSEEN.sub(_spelled, text)


def write(text: str) -> None:
    """Text on stdout: as it is for a pipe or a file; visible for a terminal, where its commands can be pasted."""
    sys.stdout.write(visible(pasted(text)) if sys.stdout.isatty() else text)


def _spelled(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"
