"""What people may write as a name or a text: every letter that can be seen, and none that deceives who reads it."""

from __future__ import annotations

import unicodedata

from living_personas.errors import InvalidDecisionError

__all__ = ["JOINERS", "blemish", "check_legible"]

JOINERS = ("\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}")
"""Invisible, and letters of Persian and of Indic scripts, and emoji, are joined or kept apart by them."""

_JOINED = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x18AF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFE))
"""Scripts in which joiners shape letters: Arabic and its kin, the Indic ones, Tibetan, Burmese, Khmer, Mongolian."""

_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of what is obeyed, turns the direction of writing, cannot be seen, or is no Unicode."""


def blemish(text: str, *, lines: bool = False) -> str:
    r"""The first letter that nobody can see or that deceives, and its place from 1; empty if there is none.

    Joiners are letters where they join: between emoji, and letters of scripts that need them. Elsewhere nobody can see
    them, and two names that look alike are not the same. Line breaks and tabs are for ``lines``, and so are blanks
    other than the ordinary one.

    >>> blemish("A family: \U0001f468\u200d\U0001f467"), blemish("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")
    ('', '')
    >>> blemish("Da\u200dna"), blemish("safe\u202egpj.exe")
    ('U+200D (ZERO WIDTH JOINER) at letter 3', 'U+202E (RIGHT-TO-LEFT OVERRIDE) at letter 5')
    """
    for at, letter in enumerate(text):
        if letter == " " or (lines and (letter in "\n\t" or unicodedata.category(letter) == "Zs")):
            continue
        if letter in JOINERS:
            fine = 0 < at < len(text) - 1 and _is_joined(text[at - 1], text[at + 1])
        else:
            fine = unicodedata.category(letter) not in (*_UNSEEN, "Zs")
        if not fine:
            return f"U+{ord(letter):04X} ({unicodedata.name(letter, 'nameless')}) at letter {at + 1}"
    return ""


def check_legible(text: str, *, what: str, longest: int, least: int = 1, lines: bool = False) -> str:
    """The text, without blanks around it.

    Raises
    ------
    InvalidDecisionError
        If it is shorter or longer than it may be, or a letter of it cannot be seen or deceives: which, and where.
    """
    said = text.strip()
    if not least <= len(said) <= longest:
        raise InvalidDecisionError(
            f"{what} has {len(said):,} letters.",
            hint=f"write {least:,} to {longest:,}." if least else f"write up to {longest:,}.",
        )
    if found := blemish(said, lines=lines):
        raise InvalidDecisionError(f"{what} holds a letter that cannot be seen, {found}.", hint="delete that letter.")
    return said


def _is_joined(before: str, after: str) -> bool:
    """Whether a joiner does something between the two: emoji, or beside a letter or digit of a script that joins."""
    return (_is_emoji(before) and _is_emoji(after)) or any(map(_joins, (before, after)))


def _is_emoji(letter: str) -> bool:
    """An emoji, its skin, or its style."""
    return unicodedata.category(letter) in ("So", "Sk") or letter == "\N{VARIATION SELECTOR-16}"


def _joins(letter: str) -> bool:
    in_script = any(first <= ord(letter) <= last for first, last in _JOINED)
    return in_script and unicodedata.category(letter)[0] in "LMN"
