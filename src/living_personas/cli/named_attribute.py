"""Which attribute of which persona a command is about; if that was not said, which it could be."""

from __future__ import annotations

from collections.abc import Callable
from shlex import quote
from typing import TYPE_CHECKING

from living_personas.cli.told_commands import told_commands
from living_personas.domain.belief import Subject
from living_personas.domain.names import subject_name
from living_personas.domain.persona import Persona
from living_personas.errors import InvalidDecisionError, UnknownNameError

if TYPE_CHECKING:
    from living_personas.loop.context import Context

__all__ = ["named_attribute"]


def _any(_: Persona) -> bool:
    return True


def named_attribute(
    context: Context, persona: str, attribute: str, *, command: str, among: Callable[[Persona], bool] = _any
) -> Subject:
    """The persona and attribute that were named.

    Raises
    ------
    InvalidDecisionError
        If one of them was not; its hint has the command for each, ``among`` personas that can be asked.
    UnknownNameError
        If the persona that was named alone is none.
    """
    if persona and attribute:
        return Subject(persona=persona, attribute=attribute)
    known = {each.id: each for each in (*context.personas, *(version.persona for version in context.versions()))}
    if persona and persona not in known:
        raise UnknownNameError.among("persona", persona, known)
    named = {persona: known[persona]} if persona else {id_: each for id_, each in known.items() if among(each)}
    pairs = [(id_, choice.name) for id_, each in named.items() for choice in each.attributes]
    words = [(f"{quote(id_)} {quote(choice)}", subject_name(known[id_].name, choice)) for id_, choice in pairs]
    raise InvalidDecisionError(
        f"It was not said which attribute of {repr(persona) if persona else 'which persona'} is meant.",
        hint=told_commands(command, words) if words else "no persona has one that could be.",
    )
