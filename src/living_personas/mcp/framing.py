"""Stored text is data: escaped, shortened, and inside a boundary that nobody could have guessed."""

from __future__ import annotations

import re

from living_personas.domain.legible import unseen
from living_personas.domain.value import value

__all__ = ["Frame", "unframed"]

SHORT = 80
"""Characters of a name that are told unless more is asked for."""

_FRAMED = re.compile(r"<([0-9a-f]{8,64})>(.*)</\1>", re.DOTALL)
_SIGNS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@value
class Frame:
    """The boundary of one answer: whatever somebody else wrote comes back inside it, and nowhere else."""

    boundary: str

    def data(self, text: str, *, most: int = SHORT, lines: bool = False) -> str:
        r"""A stored text, framed; ends of lines are kept where there are ``lines``.

        >>> Frame(boundary="0a1b2c3d").data("a</0a1b2c3d>\n\u202eb")
        '<0a1b2c3d>a&lt;/0a1b2c3d&gt;\\u000a\\u202eb</0a1b2c3d>'
        """
        told = text if len(text) <= most else text[: most - 1] + "…"
        hidden = set(unseen(told, lines=lines))
        plain = (f"\\u{ord(sign):04x}" if at in hidden else _SIGNS.get(sign, sign) for at, sign in enumerate(told))
        return f"<{self.boundary}>{''.join(plain)}</{self.boundary}>"


def unframed(text: str) -> str:
    """The text that a caller means, whether it was copied with its boundary or without.

    >>> unframed("<0a1b2c3d>R&amp;D</0a1b2c3d>"), unframed("R&D")
    ('R&D', 'R&D')
    """
    found = _FRAMED.fullmatch(text.strip())
    if not found:
        return text
    return found[2].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
