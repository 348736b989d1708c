"""The patterns of ``like``: stretches of text between the wildcards ``%`` (anything) and ``_`` (one character)."""

from __future__ import annotations

import re
from collections.abc import Callable

from living_personas.rules.tree import Piece

__all__ = ["matcher", "pieces", "spelled"]


def pieces(pattern: str, *, escape: str | None = None) -> tuple[Piece, ...]:
    """The stretches of a pattern; the character after ``escape`` stands for itself.

    >>> pieces("50!% off%", escape="!")
    (('text', '50% off'), ('any', ''))
    """
    if escape is not None and len(escape) != 1:
        raise ValueError("escape is followed by exactly one character, such as escape '!'")
    found: list[Piece] = []
    characters = iter(pattern)
    for char in characters:
        if char == escape:
            _add_text(found, _escaped(next(characters, ""), escape))
        elif char == "%":
            found.append(("any", ""))
        elif char == "_":
            found.append(("one", ""))
        else:
            _add_text(found, char)
    return tuple(found)


def matcher(pattern: tuple[Piece, ...]) -> Callable[[str], bool]:
    """A function that says whether a text has the shape of the pattern, in time linear in the text.

    Each stretch between two ``%`` takes its leftmost match and never gives it back: an atomic group, so that no text
    can make the match backtrack.

    >>> matcher(pieces("a%c_"))("abbcd")
    True
    """
    first, *others = _stretches(pattern)
    if not others:
        return _full(first)
    *middle, last = others
    return _full(first + "".join(f"(?>.*?{stretch})" for stretch in middle) + f".*{last}")


def spelled(pattern: tuple[Piece, ...]) -> tuple[str, str | None]:
    """The pattern as text, with the character that escapes in it where one is needed.

    >>> spelled((("text", "50% off"), ("any", "")))
    ('50^% off%', '^')
    """
    literal = any(set(text) & set("%_\\") for _, text in pattern)
    signs = {"any": "%", "one": "_"}
    quoted = (re.sub(r"([%_^])", r"^\1", text) if literal else text for _, text in pattern)
    return "".join(
        signs.get(kind, text) for (kind, _), text in zip(pattern, quoted, strict=True)
    ), "^" if literal else None


def _add_text(found: list[Piece], text: str) -> None:
    if found and found[-1][0] == "text":
        text = found.pop()[1] + text
    found.append(("text", text))


def _escaped(char: str, escape: str) -> str:
    if char not in ("%", "_", escape) or not char:
        raise ValueError(f"after the escape {escape!r} comes one of %, _ and {escape}")
    return char


def _stretches(pattern: tuple[Piece, ...]) -> list[str]:
    stretches = [""]
    for kind, text in pattern:
        if kind == "any":
            stretches.append("")
        else:
            stretches[-1] += "." if kind == "one" else re.escape(text)
    return stretches


def _full(expression: str) -> Callable[[str], bool]:
    fullmatch = re.compile(expression, re.DOTALL).fullmatch
    return lambda text: fullmatch(text) is not None
