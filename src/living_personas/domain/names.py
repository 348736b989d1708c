"""Names as people read them: what an attribute is called, and the one way in which a sentence quotes."""

from __future__ import annotations

from living_personas.domain.legible import unseen

__all__ = ["attribute_name", "named", "subject_name"]


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


def attribute_name(name: str, channel: str = "") -> str:
    """An attribute as people read it.

    >>> attribute_name("send_time", "email")
    'send time on email'
    """
    readable = name.replace("_", " ")
    return f"{readable} on {channel}" if channel else readable


def subject_name(persona: str, attribute: str, channel: str = "") -> str:
    """What a belief is about as people read it, with the name of its persona.

    >>> subject_name("Steady regular", "send_time", "email")
    'Steady regular, send time on email'
    """
    return f"{persona}, {attribute_name(attribute, channel)}"


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode()
