"""``links``: which ids are one customer, who said so, and how it is taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from living_personas.cli.login import person
from living_personas.cli.opened import opened
from living_personas.cli.options import By, DryRun, Folder, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.domain.link import Link
from living_personas.people.unlinking import links_about, take_back
from living_personas.reporting.page import Page, Table, Text
from living_personas.serving.knowledge import ids_of
from living_personas.serving.question import asked_customer

__all__ = ["link_list", "links", "undo"]

links = App(name="links", default_parameter=Parameter(negative=()))

Customer = Annotated[str, Parameter(help="One of the customer's ids.")]
Other = Annotated[str, Parameter(help="The id that is somebody else's.")]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@links.command(name="list")
def link_list(customer: Customer, /, *, form: Format = "table", workspace: Folder = Path()) -> None:
    """List every id of a customer, and what was said that links them or does not."""
    with opened(workspace) as (_, context):
        asked = asked_customer(customer, context.settings)
        ids, made = ids_of(context.store, asked), links_about(context, asked)
    rows = [{"when": _when(link), "id": link.customer, "is": link.also, "why": link.kind} for link in made]
    found: dict[str, Any] = {"customer": ids[0], "ids": list(ids), "said": rows}
    show(form, lambda: _page(found), lambda: json_of(found, dict[str, Any]))


@links.command
def undo(
    customer: Customer, other: Other, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()
) -> None:
    """Take back that two ids are one customer; the next `personas run` folds their days again."""
    with opened(workspace, rehearse=dry_run) as (_, context):
        one, two = (asked_customer(each, context.settings) for each in (customer, other))
        link = take_back(context, one, two, person(by))
        tell(f"{link.customer} and {link.also} are two customers from now on; `personas run` folds their days again")


def _when(link: Link) -> str:
    return (_EPOCH + timedelta(microseconds=link.time)).isoformat(timespec="seconds")


def _page(found: dict[str, Any]) -> Page:
    if not found["said"]:
        return (Text(text=f"{found['customer']} is known by no other id."),)
    cells = tuple(tuple(row.values()) for row in found["said"])
    return (
        Text(text=f"{found['customer']} is known by {', '.join(found['ids'])}."),
        Table(columns=("when", "id", "is", "why"), rows=cells),
    )
