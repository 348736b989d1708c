"""``export``: lists for e-mail tools, ads and warehouses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import pyarrow as pa
from cyclopts import App, Parameter

from living_personas.channels.ads.google import google_upload
from living_personas.channels.ads.identifiers import Identity
from living_personas.channels.ads.meta import meta_upload
from living_personas.channels.ads.upload import Upload
from living_personas.cli.decide import tell_list
from living_personas.cli.events import fates
from living_personas.cli.failures import say
from living_personas.cli.list_files import read_list, write_list
from living_personas.cli.login import account_or_number
from living_personas.cli.login import person as login_person
from living_personas.cli.opened import moment_of, opened
from living_personas.cli.options import By, Folder, For
from living_personas.cli.screen import tell
from living_personas.domain.counted import counted
from living_personas.engines.table_files import write_table
from living_personas.errors import ExportError
from living_personas.loop.context import Context
from living_personas.loop.forgetting import note_act
from living_personas.loop.person_data import as_lines, export_person
from living_personas.loop.recording.record import record_pieces
from living_personas.reporting.views import attributes_view, membership_view, view_sql
from living_personas.serving.ad_lists import ad_lists
from living_personas.serving.list_exposures import exposures_of
from living_personas.serving.lists import AllKnown, deciding_list
from living_personas.wiring import system_clock
from living_personas.workspace.text_file import write_text_atomically

__all__ = ["export", "list_", "person", "views"]

export = App(name="export", default_parameter=Parameter(negative=()))

Channel = Annotated[str, Parameter(help="Where the options are met.")]
Campaign = Annotated[str, Parameter(help="The campaign, for attributes that are assigned per campaign.")]
At = Annotated[datetime | None, Parameter(help="The moment of the decisions; now unless given.")]
ListFile = Annotated[Path | None, Parameter(name="--list", help="Only these: a file with a column `customer`.")]
Out = Annotated[Path | None, Parameter(help="The file: .csv, .jsonl or .parquet; stdout as CSV otherwise.")]
Sent = Annotated[bool, Parameter(name="--sent", help="Record that all who may be contacted now are met by it.")]
PersonaId = Annotated[str, Parameter(help="The persona's id.")]
AttributeName = Annotated[str, Parameter(help="One list for each option of this attribute.")]
Region = Annotated[str, Parameter(help="Where phone numbers without a country are at home, such as DE.")]
Into = Annotated[Path, Parameter(help="The folder that the files are written into.")]
CustomerId = Annotated[str, Parameter(help="Any id of the customer.")]
LinesInto = Annotated[Path | None, Parameter(name="--out", help="The file; stdout otherwise.")]
As = Annotated[Literal["parquet", "csv"], Parameter(name="--as", help="The kind of file.")]


@export.command(name="list")
def list_(
    *,
    channel: Channel = "email",
    campaign: Campaign = "",
    at: At = None,
    list_: ListFile = None,
    out: Out = None,
    sent: Sent = False,
    for_: For = "tools",
    workspace: Folder = Path(),
) -> None:
    """Write one row for each customer: the persona, its version, each attribute's option with its propensity.

    Customers who said no are left out; `deliver` says who may be contacted now, `hold_until` and `held_for` why not.
    """
    with opened(workspace) as (_, context):
        moment = moment_of(at, context)
        asked = read_list(list_) if list_ else AllKnown()
        with deciding_list(context, asked, at=moment, channel=channel, campaign=campaign) as found:
            _note(context, found.asked - found.refused)
            write_list(found.wide(), out, reader=for_)
            tell_list(found, consent=context.settings.consent)
            if sent:
                events = exposures_of(found, at=moment, channel=channel, zone=context.zone)
                say(f"sent: {fates(record_pieces(context, events, received=system_clock()))}")


def _ads(platform: str, upload: Callable[..., Upload], product: str) -> None:
    """The command that writes what a platform of ads takes."""

    def write(
        persona: PersonaId,
        /,
        *,
        attribute: AttributeName = "",
        campaign: Campaign = "",
        region: Region = "",
        at: At = None,
        out: Into = Path(platform),
        workspace: Folder = Path(),
    ) -> None:
        with opened(workspace) as (_, context):
            found = ad_lists(context, persona, at=moment_of(at, context), attribute=attribute, campaign=campaign)
            _export_ads(context, found.lists, upload, region=region, out=out)

    write.__doc__ = f"Write a persona's members for {product}: a file, and the bodies of the requests."
    export.command(write, name=platform)


_ads("google", google_upload, "Google Customer Match")
_ads("meta", meta_upload, "Meta Custom Audiences")


@export.command
def person(customer: CustomerId, /, *, out: LinesInto = None, by: By = "", workspace: Folder = Path()) -> None:
    """Write all that is kept of one customer, under any of its ids, as JSON lines; who asked is written down."""
    who = login_person(by)
    with opened(workspace) as (_, context):
        found = export_person(context, customer, by=who.by, at=who.now)
    if out is None:
        tell(*(line.rstrip("\n") for line in as_lines(found)))
    else:
        write_text_atomically(out, "".join(as_lines(found)))
    counts = Counter(each.of for each in found)
    say(", ".join(f"{count:,} of {name}" for name, count in counts.items()) or "nothing is kept of this customer")


@export.command
def views(*, out: Into = Path("views"), kind: As = "parquet", for_: For = "tools", workspace: Folder = Path()) -> None:
    """Write `persona_membership` and `persona_attributes` for a warehouse, and views.sql for DuckDB."""
    with opened(workspace) as (_, context):
        tables = {"persona_membership": membership_view(context), "persona_attributes": attributes_view(context)}
        _note(context, tables["persona_membership"].num_rows)
    out.mkdir(parents=True, exist_ok=True)
    files = {name: out / f"{name}.{kind}" for name in tables}
    for name, table in tables.items():
        write_table(table, files[name], reader=for_)
        tell(f"{files[name].as_posix()}: {counted(table.num_rows, 'row')}")
    write_text_atomically(out / "views.sql", view_sql({name: file.as_posix() for name, file in files.items()}))
    tell(f"{(out / 'views.sql').as_posix()}: 2 views")


def _note(context: Context, customers: int) -> None:
    """Write down who took along a list of how many customers, before there is a file."""
    note_act(context, "listed", by=account_or_number(), at=system_clock(), customers=customers)


def _export_ads(
    context: Context,
    lists: Mapping[str, Sequence[Identity]],
    upload: Callable[..., Upload],
    *,
    region: str,
    out: Path,
) -> None:
    made: list[Upload] = []
    refused: list[ExportError] = []
    for name, people in lists.items():
        try:
            made.append(upload(name, people, region=region))
        except ExportError as error:
            refused.append(error)
    if not made and refused:
        raise refused[0]
    _note(context, sum(len(each.rows) for each in made))
    for each in made:
        _write(each, out)
        tell(
            f"{each.name}: {counted(len(each.rows), 'person', 'people')}, "
            f"{counted(len(each.requests), 'request')} in {out.as_posix()}"
        )
    for each_refused in refused:
        say(f"left out: {each_refused.message}")


def _write(upload: Upload, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    columns = zip(*upload.rows, strict=True)
    write_table(pa.table(dict(zip(upload.columns, map(list, columns), strict=True))), out / f"{upload.name}.csv")
    lines = [json.dumps({"path": each.path, "body": each.body}) + "\n" for each in upload.requests]
    write_text_atomically(out / f"{upload.name}.requests.jsonl", "".join(lines))
