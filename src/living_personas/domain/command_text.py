"""A command in a sentence: between backticks, as it can be pasted."""

from __future__ import annotations

import re
from collections.abc import Callable
from shlex import quote

from living_personas.domain.belief import Subject

__all__ = ["COMMAND", "outside_commands", "subject_words"]

COMMAND = re.compile(r"`personas (?P<name>[a-z]+)(?: [\w .,:=/'-]*)?`")
"""A command that a sentence names. None of its signs means anything in Markdown, HTML or Slack."""


def subject_words(subject: Subject) -> str:
    """How commands are told what an attribute is of.

    >>> subject_words(Subject(persona="buyer", attribute="framing", channel="email"))
    'buyer framing --channel email'
    """
    channel = f" --channel {quote(subject.channel)}" if subject.channel else ""
    return f"{quote(subject.persona)} {quote(subject.attribute)}{channel}"


def outside_commands(text: str, spelled: Callable[[str], str]) -> str:
    """The text with everything but its commands spelled otherwise.

    >>> outside_commands("see `personas log`, or not", str.upper)
    'SEE `personas log`, OR NOT'
    """
    parts, at = list[str](), 0
    for found in COMMAND.finditer(text):
        parts += [spelled(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*parts, spelled(text[at:])])
