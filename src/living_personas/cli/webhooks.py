"""``webhooks``: who is told of changes, what is on its way, and what was given up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from living_personas.channels.webhooks.post import post
from living_personas.cli.opened import opened
from living_personas.cli.options import Folder, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.domain.announcement import Announcement
from living_personas.domain.outgoing import Outgoing
from living_personas.errors import DeliveryError
from living_personas.outgoing import outbox
from living_personas.reporting.page import Page, Table, Text
from living_personas.wiring import fresh_rng, system_clock

__all__ = ["list_", "retry", "try_out", "webhooks"]

webhooks = App(name="webhooks", default_parameter=Parameter(negative=()))

Key = Annotated[str, Parameter(help="Only this one, as `personas webhooks list` names it.")]


@webhooks.command(name="list")
def list_(*, form: Format = "table", workspace: Folder = Path()) -> None:
    """List what is on its way and what was given up, with what went wrong."""
    with opened(workspace) as (_, context):
        found = outbox.outgoing(context.store)
        targets = len(context.settings.webhooks)
    show(form, lambda: _page(found, targets), lambda: json_of(found, tuple[Outgoing, ...]))


@webhooks.command
def retry(key: Key = "", /, *, workspace: Folder = Path()) -> None:
    """Try again what was given up, or the one that is named, and all else that is due."""
    with opened(workspace) as (_, context):
        outbox.revive(context, now=system_clock(), key=key)
        _say(outbox.deliver_due(context, clock=system_clock, rng=fresh_rng(), send=post, secret_of=os.environ.get))


@webhooks.command(name="test")
def try_out(*, workspace: Folder = Path()) -> None:
    """Post a change that never happened to everybody who is told of changes, and say what they answered."""
    with opened(workspace) as (_, context):
        if not context.settings.webhooks:
            raise DeliveryError("Nobody is told of changes.", hint="write `webhooks:` in workspace.yaml.")
        now = system_clock()
        change = Announcement(
            id=f"evt_test_{int(now.timestamp())}",
            name="persona.version.published",
            subject="test",
            time=now,
            data={"test": True},
        )
        found = outbox.rehearsed(context, change, now=now, send=post, secret_of=os.environ.get)
    _say(found)
    if any(each.state != "delivered" for each in found):
        raise DeliveryError("Not everybody took it.", hint="see above what went wrong.")


def _say(found: Sequence[Outgoing]) -> None:
    tell(*(_line(each) for each in found) if found else ("nothing is due",))


def _line(each: Outgoing) -> str:
    went = f": {each.failure}" if each.failure else ""
    return f"{each.state}: {each.name} to {each.url} (try {each.tries}){went}"


def _page(found: Sequence[Outgoing], targets: int) -> Page:
    if not found:
        return (Text(text=f"Nothing is on its way; {targets} addresses are told of changes."),)
    rows = tuple(
        (
            each.key,
            each.name,
            each.url,
            each.state,
            str(each.tries),
            each.due.isoformat(timespec="seconds"),
            each.failure,
        )
        for each in found
    )
    columns = ("key", "change", "address", "state", "tries", "due", "went wrong")
    return (Table(columns=columns, rows=rows, numbers=("tries",)),)
