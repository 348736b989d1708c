"""A name, set off from the sentence that it stands in: the one way in which what people read quotes."""

from __future__ import annotations

from living_personas.domain.legible import unseen

__all__ = ["named"]


def named(text: str) -> str:
    r"""A name in the quotes that it does not hold itself; what cannot be seen is escaped.

    >>> print(named("quality"), named("it's"), named('50 % "off"'), named("a\x00b"))
    'quality' "it's" '50 % "off"' 'a\x00b'
    """
    hidden = set(unseen(text))
    inside = "".join(_spelled(each) if at in hidden or each == "\\" else each for at, each in enumerate(text))
    if "'" not in text:
        return f"'{inside}'"
    if '"' not in text:
        return f'"{inside}"'
    return f"\N{LEFT DOUBLE QUOTATION MARK}{inside}\N{RIGHT DOUBLE QUOTATION MARK}"


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode()
