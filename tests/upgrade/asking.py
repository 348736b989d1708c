"""What a workspace of the past is asked: commands that anybody may type, and what they say."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from living_personas.cli import main

__all__ = ["QUESTIONS", "Said", "ask", "rows_of"]

Said = dict[str, object]
"""The exit code of a command and what it says: ``json``, ``text``, or tables by the names of their files."""

_NOON = {"harbour": "2026-04-04T12:00:00+02:00", "plain": "2026-03-20T12:00:00+01:00"}

_ABOUT = {
    "harbour": (
        "report --format json",  # first, as it says how much still waits to be sealed
        "log --format json",
        "diff newcomer 2 3 --format json",
        "diff regular 1 4 --format json",
        "review --format json",
        "plan --format json",
        "discover list --format json",
        "quarantine list --limit 100 --format json",
        "webhooks list --format json",
        "keys list --format json",
        "people --format json",
    ),
    "plain": ("report --format json", "log --format json", "review --format json", "keys list --format json"),
}

# Whom each door is asked about: only customers on whom all doors of the past agreed. Left out is who said no, or yes
# again, after the last closed day (the service and lists heard it, one decision at a time did not), or in words such as
# "no" (no door heard it in an event); and ids that were linked that day to, or are, somebody who said no.
_ASKED = {
    "harbour": {
        "email": ("r001", "n004", "g2", "web-2", "web-7", "nobody"),
        "landing": ("r020", "no-email"),
        "": ("n019", 'o\'neil, "sean"'),
    },
    "plain": {"email": ("r001", "web-2"), "landing": ("g1",), "": ("n016",)},
}

# Who said no before the last closed day. Where no `contact` is declared they were decided for one at a time, and left
# out of lists, so nothing is asked about them there.
_REFUSED = {"harbour": ("no-email", "no-profiling", "late-gpc"), "plain": ()}

_WRITTEN = {"views": ("views/persona_membership.csv", "views/persona_attributes.csv")}
"""The files that a command writes, and that are a part of its answer."""


def ask(*words: str) -> Said:
    """What a command says on stdout, and in the files that it writes."""
    out, code = io.StringIO(), object()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        try:
            main(words)
        except SystemExit as left:
            code = left.code
    text = out.getvalue()
    if words[1] in _WRITTEN:
        return {"code": code, **{name: Path(name).read_text() for name in _WRITTEN[words[1]]}}
    if "json" in words:
        return {"code": code, "json": json.loads(text)}
    if text.startswith('"customer"'):
        return {"code": code, "list.csv": text}
    return {"code": code, "text": text.splitlines()}


def rows_of(table: str) -> list[dict[str, str]]:
    """The rows of a CSV table, by the names of its columns."""
    return list(csv.DictReader(io.StringIO(table, newline="")))


def _questions(name: str) -> Iterator[tuple[str, ...]]:
    """The commands that one workspace is asked, in order."""
    yield from (tuple(words.split()) for words in _ABOUT[name])
    when = ("--campaign", "spring", "--at", _NOON[name])
    asked = [(customer, channel) for channel, customers in _ASKED[name].items() for customer in customers]
    for customer, channel in (*asked, *((customer, "email") for customer in _REFUSED[name])):
        yield ("decide", customer, "--channel", channel, *when, "--visit", "v1", "--format", "json")
    for channel in _ASKED[name]:
        yield ("decide", "--list", f"{name}/list.csv", "--channel", channel, *when)
    # Not on e-mail: a list forgot of linked ids whom we had contacted as somebody else.
    yield ("export", "list", "--list", f"{name}/list.csv", "--channel", "landing", *when)
    if name == "harbour":
        yield ("export", "list", "--channel", "email", *when)
        yield ("export", "views", "--as", "csv", "--out", "views")
        yield ("export", "google", "newcomer", "--out", "google", "--at", _NOON[name])


QUESTIONS = {name: tuple((*words, "--workspace", name) for words in _questions(name)) for name in _NOON}
"""The commands that each workspace is asked, in the folder that holds it."""
