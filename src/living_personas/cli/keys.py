"""``keys``: who may write events, decide, and look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from living_personas.cli.failures import say
from living_personas.cli.opened import stored
from living_personas.cli.options import Folder, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.domain.key import Key, KeyKind, Scope
from living_personas.people.keys import create_key, keys_of, revoke_key
from living_personas.reporting.page import Page, Table, Text
from living_personas.wiring import key_text, system_clock

__all__ = ["create", "held", "keys", "revoke"]

keys = App(name="keys", default_parameter=Parameter(negative=()))

Kind = Annotated[KeyKind, Parameter(help="publishable for browsers, secret for servers, admin for everything.")]
Scopes = Annotated[tuple[Scope, ...], Parameter(name="--scope", help="What it may do; all that its kind may, else.")]
Origins = Annotated[tuple[str, ...], Parameter(name="--origin", help="A site that may use a publishable key.")]
Note = Annotated[str, Parameter(help="What it is for.")]
Existing = Annotated[str, Parameter(name="--value", help="A key that clients have already; one is made unless given.")]
KeyId = Annotated[str, Parameter(help="The key's id, from the list.")]


@keys.command
def create(
    kind: Kind,
    /,
    *,
    scope: Scopes = (),
    origin: Origins = (),
    note: Note = "",
    value: Existing = "",
    workspace: Folder = Path(),
) -> None:
    """Create a key, and show it this once: only its SHA-256 is kept."""
    secret = value or key_text(kind)
    with stored(workspace) as context:
        key = create_key(context, kind, secret, now=system_clock(), scopes=scope, origins=origin, note=note)
    tell(secret)
    say(f"{key.kind} key {key.id}, which may {', '.join(key.scopes)}; it is not shown again")


@keys.command(name="list")
def held(*, form: Format = "table", workspace: Folder = Path()) -> None:
    """List all keys, revoked ones among them, by their digests."""
    with stored(workspace) as context:
        found = keys_of(context)
    show(form, lambda: _page(found), lambda: json_of(found, tuple[Key, ...]))


@keys.command
def revoke(key: KeyId, /, *, workspace: Folder = Path()) -> None:
    """Revoke a key: within a second it opens nothing any more."""
    with stored(workspace) as context:
        revoked = revoke_key(context, key, now=system_clock())
    tell(f"{revoked.kind} key {revoked.id} is revoked")


def _page(found: tuple[Key, ...]) -> Page:
    if not found:
        return (Text(text="There is no key yet: `personas keys create publishable` makes one."),)
    columns = ("id", "kind", "may", "origins", "note", "created", "revoked", "sha256")
    return (Table(columns=columns, rows=tuple(map(_row, found))),)


def _row(key: Key) -> tuple[str, ...]:
    revoked = key.revoked.date().isoformat() if key.revoked else ""
    may, origins = ", ".join(key.scopes), ", ".join(key.origins)
    return (key.id, key.kind, may, origins, key.note, key.created.date().isoformat(), revoked, key.digest[:12])
