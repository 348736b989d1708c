"""The command line: parse, call, show; one file a command, each imported only when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from cyclopts import App, CycloptsError, Parameter

from living_personas import __version__
from living_personas.cli.failures import WRONG, code_of
from living_personas.cli.pasted import about

__all__ = ["app", "main", "run"]

COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("demo", "demo:demo", "Live 120 days of a simulated shop whose truth is known."),
    ("simulate", "simulate:simulate", "Write a simulated world, whose truth is known, as files to ingest."),
    ("init", "starting:init", "Begin a workspace: a settings file, one persona, and schemas for your editor."),
    ("sources", "sources:sources", "List the exports that are recognised, and how their rows become events."),
    (
        "check",
        "starting:check",
        "Say what the files mean and what is wrong with them, or what a data file would become.",
    ),
    ("schema", "starting:schema", "Write the JSON Schemas of both kinds of file anew."),
    ("ingest", "events:ingest", "Record the rows of files as events."),
    ("quarantine", "quarantine:quarantine", "Look at rows that could not be recorded, replay them, or let go of them."),
    ("links", "identity:links", "Say which ids are one customer, and take it back."),
    ("baseline", "baseline:baseline", "Write what history says into the persona files."),
    ("run", "cycle:run", "Run one cycle: fold what is new, learn, refine, publish."),
    ("refine", "cycle:refine", "Run one cycle, and show every refinement with its verdict."),
    ("review", "review:review", "List what waits for a person; approve or reject it, or open again what was rejected."),
    (
        "discover",
        "discover:discover",
        "Look for segments that no persona explains; adopt or dismiss them, and take that back.",
    ),
    ("upkeep", "persona_upkeep:upkeep", "List what the personas themselves need; apply, dismiss or undo it."),
    ("splits", "splits:splits", "Say whether one value suits everybody in a persona."),
    ("report", "report:report", "Say what is believed, what is proven, and what is still unknown."),
    ("digest", "digest:digest", "Say what needs you and what was found out, on stdout, by e-mail or in a chat."),
    ("plan", "plan:plan", "Say how many customers and days it takes to overturn each belief."),
    ("log", "history:log", "List every version of every persona, with its reason."),
    ("diff", "history:diff", "Show what changed between two versions of a persona."),
    ("rollback", "history:rollback", "Go back to what an older version of a persona said."),
    ("pin", "pins:pin", "Hold an attribute at a value, or let it go."),
    ("acknowledge", "pins:acknowledge", "Take note of an alarm about an attribute's shares, and check them anew."),
    ("kill", "pins:kill", "Hold everything: the kill switch, on or off."),
    ("serve", "serve:serve", "Serve the workspace over HTTP: events in, decisions out."),
    ("keys", "keys:keys", "Create, list and revoke the keys of the service."),
    ("dashboard", "dashboard:dashboard", "Serve the personas as pages that are true today."),
    ("people", "people:everybody", "Say who may sign in to the dashboard."),
    ("doctor", "doctor:doctor", "Look for damage on the disk, say what it can be made from again, and make it."),
    ("backup", "backup:backup", "Copy the workspace as of this moment, while it is served."),
    ("copy", "store_copy:copy", "Copy all that the workspace remembers into a database, or back."),
    ("restore", "backup:restore", "Make a workspace of a backup, without what was taken back since."),
    ("decide", "decide:decide", "Decide for one customer, or for a whole list."),
    ("customer", "customer:customer", "Say what one customer was shown, when, why, and what came of it."),
    ("export", "export:export", "Write lists for e-mail tools, ads and warehouses."),
    ("erase", "erase:erase", "Erase customers, and let back who signs up again."),
    ("webhooks", "webhooks:webhooks", "Look at what the world is told of changes, and tell it."),
    ("mcp", "mcp:mcp", "Answer an agent over stdin and stdout."),
)
"""Every command: its name, where it is, and what it does in one line."""


def _shown(default: object) -> str | None:
    """What an option is unless it is given, as help says it; nothing where it is off, empty or not there."""
    return None if default is False or default in (None, "", ()) else str(default)


app = App(
    name="personas",
    help="Personas as versioned documents that evidence rewrites.",
    version=__version__,
    default_parameter=Parameter(negative=(), show_default=_shown),
    suppress_keyboard_interrupt=False,
    result_action="return_value",
)
for _place, (_name, _where, _says) in enumerate(COMMANDS):
    app.command(f"living_personas.cli.{_where}", name=_name, help=_says, sort_key=_place)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and its code: 0 done, 1 failed, 2 wrong usage, 3 something waits for a person."""
    try:
        command, given, _ = app.parse_args(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return _wrong(error, sys.argv[1:] if arguments is None else arguments)
    with about(given.arguments.get("workspace", Path())):
        return code_of(lambda: command(*given.args, **given.kwargs))


def _wrong(error: CycloptsError, typed: Sequence[str]) -> int:
    from living_personas.cli.wrong_usage import tell_wrong_usage  # noqa: PLC0415 - only where it is needed

    tell_wrong_usage(app, error, typed)
    return WRONG


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its code."""
    sys.exit(run(arguments))
