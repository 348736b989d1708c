"""``people``: who may sign in to the dashboard, and what they may do there."""

from __future__ import annotations

import getpass
import secrets
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from living_personas.cli.opened import stored
from living_personas.cli.options import Folder, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.domain.account import Account, Role
from living_personas.errors import InvalidDecisionError
from living_personas.people.person_accounts import add_person, people, remove_person
from living_personas.reporting.page import Page, Table, Text
from living_personas.wiring import system_clock

__all__ = ["add", "everybody", "list_people", "remove"]

everybody = App(name="people", default_parameter=Parameter(negative=()))

Name = Annotated[str, Parameter(help="The person's name: every change that they make carries it.")]
WhichRole = Annotated[
    Role,
    Parameter(help="A viewer reads, an editor proposes, an approver decides, an admin keeps people and keys, too."),
]


@everybody.default
@everybody.command(name="list")
def list_people(*, form: Format = "table", workspace: Folder = Path()) -> None:
    """List who may sign in."""
    with stored(workspace) as context:
        found = people(context.store)
    known = [{"name": account.name, "role": account.role} for account in found]
    show(form, lambda: _page(found), lambda: json_of(known, list[dict[str, str]]))


@everybody.command
def add(name: Name, /, *, role: WhichRole = "viewer", workspace: Folder = Path()) -> None:
    """Let a person sign in, or give them another role or password; asks for the password, or reads a line of stdin."""
    with stored(workspace) as context:
        account = add_person(context, name, role=role, password=_password(), salt=secrets.token_bytes(16))
    tell(f"{account.name} may sign in as {account.role}")


@everybody.command
def remove(name: Name, /, *, workspace: Folder = Path()) -> None:
    """Let a person sign in no more; sessions that are open end at once."""
    with stored(workspace) as context:
        remove_person(context, name, now=system_clock())
    tell(f"{name} may not sign in any more")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    once = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != once:
        raise InvalidDecisionError("The two passwords differ.", hint="type the same one twice.")
    return once


def _page(found: tuple[Account, ...]) -> Page:
    if not found:
        return (Text(text="Nobody can sign in yet: personas people add NAME --role admin"),)
    return (Table(columns=("name", "role"), rows=tuple((account.name, account.role) for account in found)),)
