"""What could follow a command that lacks a word, in a workspace: with what people call it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from shlex import quote
from typing import TypeAlias

from living_personas.cli.opened import opened, stored
from living_personas.cli.option_labels import labels_known, told_changes
from living_personas.domain.segment import SegmentState
from living_personas.domain.upkeep import UpkeepState
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.context import Context
from living_personas.loop.segments.discovery import segments
from living_personas.loop.segments.upkeep_proposals import proposals
from living_personas.people import acting
from living_personas.people.keys import keys_of
from living_personas.people.person_accounts import people
from living_personas.people.reviewing import asides, waiting
from living_personas.ports import Stored
from living_personas.reporting.changes import new_value, old_value

__all__ = ["EXAMPLES", "could_follow"]

_Words: TypeAlias = Iterable[tuple[str, str]]
"""What follows the command, and what people call it."""

_NO_VERSION = "no persona has a version yet: `personas run` makes the first."

_ANY_ID = "any id of the customer, as your files have it"

EXAMPLES: Mapping[str, str] = {
    "customer": f"write {_ANY_ID}: `personas customer ID`.",
    "links list": f"write {_ANY_ID}: `personas links list ID`.",
    "links undo": "write two ids that are one customer now, of those that `personas links list ID` lists.",
    "export person": f"write {_ANY_ID}: `personas export person ID`.",
    "people add": "write the person's name: `personas people add 'Ada Lovelace' --role approver`.",
    "backup": "write a folder that is new: `personas backup ../backup`.",
    "restore": "write the folder of a backup, and a new one: `personas restore ../backup --to restored`.",
}
"""What to type where there is nothing to choose from."""


def could_follow(command: str, folder: Path) -> list[tuple[str, str]]:
    """What could follow a command in a workspace; nothing if nobody knows.

    Raises
    ------
    InsufficientEvidenceError
        If there is nothing yet that it could be about.
    """
    none, found = "", None
    if command in _OF_A_STORE:
        of_store, none = _OF_A_STORE[command]
        with stored(folder) as context:
            found = list(of_store(context))
    elif command in _OF_A_CONTEXT:
        of_context, none = _OF_A_CONTEXT[command]
        with opened(folder, reads=True) as (_, whole):
            found = list(of_context(whole))
    if found == []:
        raise InsufficientEvidenceError(f"There is nothing that `personas {command}` could be about.", hint=none)
    return found or []


def _personas(context: Context) -> _Words:
    return [(quote(each.id), each.persona.name) for each in context.store.versions.latest()]


def _older(context: Context) -> _Words:
    for newest in context.store.versions.latest():
        for old in reversed(context.store.versions.history(newest.id)[:-1]):
            yield f"{quote(newest.id)} --to {old.version}", f"{newest.persona.name}, {old.kind} {old.day}"


def _waiting(context: Context) -> _Words:
    labels = labels_known(context)
    for each in told_changes(context, waiting(context)):
        yield each.id, f"{labels.subject(each.subject)}: {old_value(each)} -> {new_value(each)}"


def _set_aside(context: Context) -> _Words:
    later = asides(context)
    return [each for each in _waiting(context) if each[0] in later]


def _rejected(context: Context) -> _Words:
    labels = labels_known(context)
    for each in told_changes(context, acting.reopenable(context)):
        yield each.id, f"{labels.subject(each.subject)}: {old_value(each)} -> {new_value(each)}"


def _segments(state: SegmentState) -> Callable[[Context], _Words]:
    return lambda context: [(each.id, each.name) for each in segments(context) if each.state == state]


def _proposals(*states: UpkeepState) -> Callable[[Context], _Words]:
    def found(context: Context) -> _Words:
        labels = labels_known(context)
        mine = (each for each in proposals(context.store) if each.state in states)
        return [(each.id, f"{each.kind}, {labels.persona(each.persona)}") for each in mine]

    return found


def _keys(context: Stored) -> _Words:
    return [(each.id, each.note or each.kind) for each in keys_of(context) if each.revoked is None]


def _people(context: Stored) -> _Words:
    return [(quote(each.name), each.role) for each in people(context.store)]


_NOBODY_WAITS = "nothing waits for a person."
_NO_SEGMENT = "`personas discover list` lists every segment, and `personas discover` looks for some."
_NO_PROPOSAL = "`personas upkeep` lists what was proposed, and what became of it."

_OF_A_STORE: Mapping[str, tuple[Callable[[Stored], _Words], str]] = {
    "keys revoke": (_keys, "no key opens anything: `personas keys create secret` makes one."),
    "people remove": (_people, "nobody can sign in."),
}

_OF_A_CONTEXT: Mapping[str, tuple[Callable[[Context], _Words], str]] = {
    "diff": (_personas, _NO_VERSION),
    "rollback": (_older, "no persona has an older version: `personas log` lists those that there are."),
    "export google": (_personas, _NO_VERSION),
    "export meta": (_personas, _NO_VERSION),
    "review approve": (_waiting, _NOBODY_WAITS),
    "review reject": (_waiting, _NOBODY_WAITS),
    "review hold": (_waiting, _NOBODY_WAITS),
    "review more": (_waiting, _NOBODY_WAITS),
    "review resume": (_set_aside, "nothing was set aside."),
    "review reopen": (_rejected, "nothing was rejected that could be opened again."),
    "discover rename": (_segments("open"), f"no segment waits for a person. {_NO_SEGMENT}"),
    "discover adopt": (_segments("open"), f"no segment waits for a person. {_NO_SEGMENT}"),
    "discover dismiss": (_segments("open"), f"no segment waits for a person. {_NO_SEGMENT}"),
    "discover reopen": (_segments("dismissed"), f"no segment was dismissed. {_NO_SEGMENT}"),
    "discover undo": (_segments("adopted"), f"no segment was adopted. {_NO_SEGMENT}"),
    "upkeep apply": (_proposals("open"), f"no proposal waits. {_NO_PROPOSAL}"),
    "upkeep dismiss": (_proposals("open"), f"no proposal waits. {_NO_PROPOSAL}"),
    "upkeep reopen": (_proposals("dismissed", "undone"), f"no proposal was dismissed or undone. {_NO_PROPOSAL}"),
    "upkeep undo": (_proposals("applied"), f"no proposal was applied. {_NO_PROPOSAL}"),
}
