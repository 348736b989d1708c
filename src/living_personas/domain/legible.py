"""What people may write as a name or a text: every letter that can be seen, and none that deceives who reads it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from living_personas.errors import InvalidDecisionError

__all__ = ["JOINERS", "blemish", "check_legible", "unseen"]

JOINERS = ("\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}")
"""Invisible, and letters of Persian and of Indic scripts, and emoji, are joined or kept apart by them."""

_JOINED = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x18AF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFE))
"""Scripts in which joiners shape letters: Arabic and its kin, the Indic ones, Tibetan, Burmese, Khmer, Mongolian."""

_STYLES = ((0xFE0E, 0xFE0F),)
"""Variation selectors that say whether a sign is drawn as an emoji."""

_FORMS = ((0xFE00, 0xFE02), (0xE0100, 0xE01EF))
"""Variation selectors that say in which form an ideograph is drawn, as names of people in Japan need."""

_IDEOGRAPHS = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))

_IGNORED = (
    *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065), (0x2800, 0x2800)),
    *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF)),
)
"""What shows nothing although its category is that of something seen: Default_Ignorable_Code_Point of Unicode 16
(DerivedCoreProperties.txt) without what ``_UNSEEN`` holds, and the empty pattern of braille."""

_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of what is obeyed, turns the direction of writing, cannot be seen, or is no Unicode."""


def unseen(text: str, *, lines: bool = False) -> Iterator[int]:
    r"""The places, from 0, of the letters that nobody can see or that deceive.

    Joiners are letters where they join: between emoji, and letters of scripts that need them. Elsewhere nobody can see
    them, and two names that look alike are not the same. A variation selector is one behind a sign or an ideograph
    that it styles. Line breaks and tabs are for ``lines``, and so are blanks other than the ordinary one.

    >>> list(unseen("A family: \U0001f468\u200d\U0001f467")), list(unseen("a\u200db\ufe0f"))
    ([], [1, 3])
    """
    for at, letter in enumerate(text):
        if letter.isascii():
            is_seen = letter.isprintable() or (lines and letter in "\n\t")
        elif letter in JOINERS:
            is_seen = 0 < at < len(text) - 1 and _is_joined(text[at - 1], text[at + 1])
        elif _is_in(letter, _IGNORED):
            is_seen = at > 0 and _is_styled(text[at - 1], letter)
        else:
            category = unicodedata.category(letter)
            is_seen = category not in _UNSEEN and (lines or category != "Zs")
        if not is_seen:
            yield at


def blemish(text: str, *, lines: bool = False) -> str:
    r"""The first letter that nobody can see or that deceives, and its place from 1; empty if there is none.

    >>> blemish("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"), blemish("Da\u200dna")
    ('', 'U+200D (ZERO WIDTH JOINER) at letter 3')
    >>> blemish("safe\u202egpj.exe")
    'U+202E (RIGHT-TO-LEFT OVERRIDE) at letter 5'
    """
    at = next(unseen(text, lines=lines), None)
    if at is None:
        return ""
    return f"U+{ord(text[at]):04X} ({unicodedata.name(text[at], 'nameless')}) at letter {at + 1}"


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
    return _is_in(letter, _JOINED) and unicodedata.category(letter)[0] in "LMN"


def _is_styled(before: str, selector: str) -> bool:
    """Whether a variation selector styles what it stands behind: a sign or digit, or an ideograph."""
    if _is_in(selector, _STYLES):
        return before == "\N{INFORMATION SOURCE}" or unicodedata.category(before)[0] in "SPN"
    return _is_in(selector, _FORMS) and _is_in(before, _IDEOGRAPHS)


def _is_in(letter: str, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(first <= ord(letter) <= last for first, last in ranges)
