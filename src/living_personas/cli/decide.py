"""``decide``: for one customer, or for a whole list in one SQL statement; both give the same answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.failures import say
from living_personas.cli.list_files import read_list, write_list
from living_personas.cli.opened import moment_of, opened
from living_personas.cli.options import Folder, For, Format
from living_personas.cli.screen import json_of, show
from living_personas.domain.consent import Consent
from living_personas.domain.contact import Delivery
from living_personas.domain.counted import counted
from living_personas.domain.decision import Decision
from living_personas.domain.table_reader import Reader
from living_personas.errors import InvalidDecisionError
from living_personas.loop.context import Context
from living_personas.reporting.page import Page, Table, Text
from living_personas.serving.desk import desk_of
from living_personas.serving.list_decisions import ListDecisions
from living_personas.serving.lists import deciding_list
from living_personas.serving.question import Question, asked_customer

__all__ = ["decide", "tell_list"]

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
    for_: For = "tools",
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
    with opened(workspace) as (_, context):
        moment = moment_of(at, context)
        if list_ is not None:
            _decide_list(context, list_, out, for_, at=moment, channel=channel, campaign=campaign)
            return
        question = Question(
            customer=asked_customer(customer, context.settings),
            at=moment,
            channel=channel,
            visit=visit,
            campaign=campaign,
            traits=_given(trait),
        )
        desk = desk_of(context)
        desk.check_traits(question.traits or {})
        answer, unasked = desk.answer(question), desk.unasked(question.traits or {})
    if unasked:
        say(f"warning: {unasked}")
    show(form, lambda: (*_page(answer.decision), *_held(answer.delivery)), lambda: json_of(answer.decision, Decision))


def _decide_list(
    context: Context, file: Path, out: Path | None, reader: Reader, *, at: datetime, channel: str, campaign: str
) -> None:
    with deciding_list(context, read_list(file), at=at, channel=channel, campaign=campaign) as found:
        write_list(found.decided(), out, reader=reader)
        tell_list(found, consent=context.settings.consent)


def tell_list(found: ListDecisions, *, consent: Consent) -> None:
    """Say the equation of a list: who was decided for, said no, or has nothing to choose; and what is missing.

    Where consent is required, who said nothing is counted with those who said no.
    """
    rest = found.asked - found.chosen - found.refused
    what = "who said no" if consent == "assumed" else "who never agreed or said no"
    refused = f" + {found.refused:,} {what}" if found.refused else ""
    asked = counted(found.asked, "customer")
    say(f"{asked} = {found.chosen:,} decided{refused} + {rest:,} for whom there is nothing to choose")
    for attribute, missing in found.undecided.items():
        say(f"{attribute} was not decided. {missing}")


def _given(traits: Iterable[str]) -> dict[str, object]:
    """The traits that were typed; rules read texts as the kind that they need."""
    found: dict[str, object] = {}
    for written in traits:
        name, equals, said = written.partition("=")
        if not equals or not name:
            raise InvalidDecisionError(f"The trait {written!r} has no value.", hint="write it as --trait name=value.")
        found[name] = said
    return found


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
    missing = (Text(text=f"{name} was not decided. {text}") for name, text in decision.undecided.items())
    return (Text(text=said), table if rows else Text(text="Nothing is chosen for this customer here."), *missing)
