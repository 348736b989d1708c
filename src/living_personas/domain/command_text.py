"""Commands and settings in a sentence: between backticks, as they can be pasted."""

from __future__ import annotations

import re
from collections.abc import Callable
from shlex import quote

from living_personas.domain.belief import Subject

__all__ = ["COMMAND", "outside_code", "subject_words"]

COMMAND = re.compile(r"`personas (?P<name>[a-z]+)(?: [\w .,:=/'-]*)?`")
"""A command that a sentence names."""

_CODE = re.compile(r"`(?! )[\w .,:;=/%'\"(){}+-]+(?<! )`")
"""What is typed: a command, a setting, a column. None of its signs means anything in Markdown, HTML or Slack."""


def subject_words(subject: Subject) -> str:
    """How commands are told what an attribute is of.

    >>> subject_words(Subject(persona="buyer", attribute="framing", channel="email"))
    'buyer framing --channel email'
    """
    channel = f" --channel {quote(subject.channel)}" if subject.channel else ""
    return f"{quote(subject.persona)} {quote(subject.attribute)}{channel}"


def outside_code(text: str, spelled: Callable[[str], str], *, typed: Callable[[str], str] = str) -> str:
    """The text with everything spelled otherwise but what is typed, which stands between backticks.

    ``typed`` says how that is written, with its backticks.

    >>> outside_code("see `personas log`, or write `holdout: 5%`", str.upper)
    'SEE `personas log`, OR WRITE `holdout: 5%`'
    """
    parts, at = list[str](), 0
    for found in _CODE.finditer(text):
        parts += [spelled(text[at : found.start()]), typed(found[0])]
        at = found.end()
    return "".join([*parts, spelled(text[at:])])
