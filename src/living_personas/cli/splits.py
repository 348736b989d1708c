"""``splits``: whether one value suits everybody in a persona."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.named_attribute import named_attribute
from living_personas.cli.opened import opened
from living_personas.cli.option_labels import labels_known
from living_personas.cli.options import Folder, Format
from living_personas.cli.screen import json_of, show
from living_personas.domain.counted import counted
from living_personas.domain.names import named
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.closing import closed_through
from living_personas.loop.splits.asked_splits import AskedSplit, ask_split, can_be_split
from living_personas.refining.splits.replay import SplitGrade
from living_personas.reporting.page import Bullets, Heading, Page, Text
from living_personas.reporting.split_words import SplitVerdict, split_verdict
from living_personas.rules.rule_words import column_words

__all__ = ["splits"]

_FOUND: dict[SplitGrade, str] = {
    "silent": "one value may suit everybody",
    "leaning": "leaning to two values, not proven",
    "claimed": "proven that one value does not suit everybody, not whom another one suits",
    "proven": "proven that one value does not suit everybody",
    "held": "held: look at the data",
}

PersonaId = Annotated[str, Parameter(help="The id of the persona.")]
AttributeName = Annotated[str, Parameter(name="ATTRIBUTE", help="One of its attributes.")]
Barred = Annotated[
    tuple[str, ...],
    Parameter(
        name="--barred", help="A feature or trait that nothing may be built on, beside protected ones; again for each."
    ),
]


def splits(
    persona: PersonaId = "",
    attribute: AttributeName = "",
    /,
    *,
    barred: Barred = (),
    form: Format = "table",
    workspace: Folder = Path(),
) -> None:
    """Say whether one value suits everybody in a persona, by its own units of all complete days. Nothing changes."""
    with opened(workspace) as (_, context):
        subject = named_attribute(
            context, persona, attribute, command="splits", among=lambda each: can_be_split(context, each)
        )
        closed = closed_through(context)
        if closed is None:
            raise InsufficientEvidenceError(
                "No day is closed yet.",
                hint="record events of days that are over (`personas ingest`); `personas run` then closes these days.",
            )
        asked = ask_split(context, subject, closed, barred=barred)
        labels = labels_known(context)
    verdict = split_verdict(asked.found, asked.questions, asked.options, among=named(labels.persona(persona)))
    about = labels.subject(subject)
    show(form, lambda: _page(about, asked, verdict), lambda: json_of(verdict, SplitVerdict))


def _page(about_whom: str, asked: AskedSplit, verdict: SplitVerdict) -> Page:
    accounts = f"{verdict.claim:,.3g}, of this very line: {verdict.account:,.3g}"
    about = ", ".join(dict.fromkeys(column_words(question.column) for question in verdict.questions))
    chosen = f"the week before {asked.first} chose them, and later days ask no others"
    lines = (
        f"Account of 'no single value suits everybody': {accounts}.",
        f"{counted(verdict.units, 'occasion')} of {asked.first} to {asked.last}.",
        f"{counted(len(verdict.questions), 'question')}, about {about}: {chosen}.",
        *((f"As a rule: {verdict.who}",) if verdict.grade in ("claimed", "proven") else ()),
    )
    return (Heading(text=f"{about_whom}: {_FOUND[verdict.grade]}"), Text(text=verdict.says), Bullets(items=lines))
