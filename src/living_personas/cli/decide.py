"""``decide``: for one customer, or for a whole list in one SQL statement; both give the same answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas import loop
from living_personas.cli.failures import say
from living_personas.cli.lists import read_list, write_list
from living_personas.cli.opened import opened
from living_personas.cli.options import Folder, Format
from living_personas.cli.screen import json_of, show
from living_personas.deciding.contact import consented
from living_personas.domain.contact import Delivery
from living_personas.domain.decision import Decision
from living_personas.errors import InvalidDecisionError
from living_personas.reporting.page import Page, Table, Text
from living_personas.steps.contact import delivery_of
from living_personas.steps.lists import DecidedList, decide_list, newest_snapshot
from living_personas.steps.members import known_of
from living_personas.steps.parts import Parts
from living_personas.wiring import system_clock

__all__ = ["decide", "fates_of"]

Customer = Annotated[str, Parameter(help="The customer's id, known or anonymous.")]
Traits = Annotated[tuple[str, ...], Parameter(name="--trait", help="Something known of the customer, as name=value.")]
Channel = Annotated[str, Parameter(help="Where the decision is shown.")]
Visit = Annotated[str, Parameter(help="The visit, for attributes that are assigned per visit.")]
Occasion = Annotated[str, Parameter(help="The campaign, for attributes that are assigned per campaign.")]
At = Annotated[datetime | None, Parameter(help="The moment of the decision; now unless given.")]
ListFile = Annotated[Path | None, Parameter(name="--list", help="CSV, JSONL or Parquet with a column `customer`.")]
Out = Annotated[Path | None, Parameter(help="Where the list goes: .csv, .jsonl or .parquet; stdout as CSV otherwise.")]


def decide(
    customer: Customer = "",
    /,
    *,
    trait: Traits = (),
    channel: Channel = "",
    visit: Visit = "",
    campaign: Occasion = "",
    at: At = None,
    list_: ListFile = None,
    out: Out = None,
    form: Format = "table",
    workspace: Folder = Path(),
) -> None:
    """Choose for a customer under the newest snapshot, each choice with its propensity.

    What is known of customers is what the last cycle knew; traits given here, or columns of the list, go before it.
    """
    if bool(customer) == (list_ is not None):
        raise InvalidDecisionError(
            "Decide for one customer or for a list." if customer else "Nobody was named to decide for.",
            hint="write `personas decide CUSTOMER`, or `personas decide --list FILE --out FILE`.",
        )
    with opened(workspace) as (_, parts):
        moment = _moment(at, parts)
        if list_ is not None:
            _decide_list(parts, list_, out, at=moment, channel=channel, campaign=campaign)
            return
        known = {**known_of(parts, customer), **_given(trait)}
        decided = loop.decide(parts, customer, known, at=moment, channel=channel, visit=visit, campaign=campaign)
        held = delivery_of(parts, customer, known, at=moment, channel=channel)
        found = consented(decided, held)
    show(form, lambda: (*_page(found), *_held(held)), lambda: json_of(found, Decision))


def _decide_list(parts: Parts, file: Path, out: Path | None, *, at: datetime, channel: str, campaign: str) -> None:
    newest_snapshot(parts)
    found = decide_list(parts, read_list(file), at=at, channel=channel, campaign=campaign)
    write_list(found.decided, out)
    say(fates_of(found))


def fates_of(found: DecidedList) -> str:
    """The equation of a list: whoever is on it was decided for, said no, or has nothing to choose."""
    chosen = len(found.decided["customer"].unique())
    rest = found.asked - chosen - found.refused
    refused = f" + {found.refused:,} who said no" if found.refused else ""
    return f"{found.asked:,} customers = {chosen:,} decided{refused} + {rest:,} for whom there is nothing to choose"


def _given(traits: Iterable[str]) -> dict[str, object]:
    """The traits that were typed; rules read texts as the kind that they need."""
    found: dict[str, object] = {}
    for written in traits:
        name, equals, said = written.partition("=")
        if not equals or not name:
            raise InvalidDecisionError(f"The trait {written!r} has no value.", hint="write it as --trait name=value.")
        found[name] = said
    return found


def _moment(at: datetime | None, parts: Parts) -> datetime:
    if at is None:
        return system_clock()
    return at if at.tzinfo else at.replace(tzinfo=parts.zone)


def _held(found: Delivery) -> Page:
    if found.deliver:
        return ()
    until = f" until {found.hold_until.isoformat(timespec='seconds')}" if found.hold_until else ""
    return (Text(text=f"Not to be delivered now: {found.reason}{until}."),)


def _page(decision: Decision) -> Page:
    who = "in the holdout" if decision.holdout else "not in the holdout"
    persona = f"{decision.persona} (version {decision.persona_version})"
    said = f"{decision.customer}: {persona}, {who}, snapshot {decision.snapshot}, decision {decision.id}"
    rows = tuple((c.attribute, c.option, f"{c.propensity:.4f}", c.policy, c.epoch) for c in decision.choices)
    columns = ("attribute", "option", "propensity", "policy", "epoch")
    table = Table(columns=columns, rows=rows, numbers=("propensity",))
    return (Text(text=said), table if rows else Text(text="Nothing is chosen for this customer here."))
