"""What a source may say: which columns of a row are the customer, the time, the event, the exposure, the outcomes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from living_personas.domain.event import EXPOSED, IDENTIFY
from living_personas.domain.settings import (
    OutcomeColumn,
    Precision,
    Reads,
    Source,
    SourceExposure,
    SourceTime,
    TakenColumn,
)
from living_personas.domain.value import value
from living_personas.workspace.encoding_shape import ENCODING
from living_personas.workspace.file_problems import Problems
from living_personas.workspace.file_records import REQUIRED, FileKey, FileRecord, ListOf, MapOf, ScalarOr, Values
from living_personas.workspace.file_words import DATE, DURATION, LATE, RULE, SHARE
from living_personas.workspace.nodes import Entries, Node, Scalar
from living_personas.workspace.quantities import SHARE_PATTERN
from living_personas.workspace.refusal import refuse_kind
from living_personas.workspace.shapes import IDENTIFIER, NAME, TEXT, Flag, Number, PlainText, Schema, WordOf
from living_personas.workspace.table_shape import TABLE_KEYS, table_of
from living_personas.workspace.zone_shape import ZONE

__all__ = ["SOURCE"]

_COLUMN = PlainText(meant="the name of a column", example="'customer_id'")
_TRAIT = replace(_COLUMN, check=IDENTIFIER.check)


@value
class _Fixed:
    text: str


@value
class _ShareOrColumn:
    """A share (``1/3``, ``50%``, ``0.5``), or the name of a column that holds it."""

    def read(self, node: Node, problems: Problems) -> float | str:
        if isinstance(node, Entries):
            refuse_kind(node, "one share or the name of a column", problems, hint="the key for many is `propensities`.")
        written = isinstance(node, Scalar) and (node.kind == "number" or re.fullmatch(SHARE_PATTERN, node.text))
        return SHARE.read(node, problems) if written else _COLUMN.read(node, problems)

    def schema(self) -> Schema:
        return {"anyOf": [SHARE.schema(), _COLUMN.schema()]}


def _fixed(of: Values) -> _Fixed:
    return _Fixed(text=of["fixed"])


def _each(of: Values) -> None:
    """No column: the customer is the row."""


def _time(of: Values) -> SourceTime:
    if of.given("column") == (of.given("start") or of.given("days")):
        of.refuse("", "A time is either a `column`, or `start` and `days`.", hint="write `time: {column: at}`.")
    if of.given("column"):
        return SourceTime(column=of["column"], format=of["format"], zone=of["zone"], precision=of["precision"])
    of_a_column = any(map(of.given, ("format", "zone", "precision")))
    if of_a_column or not (of.given("start") and of.given("days")):
        of.refuse("", "Replayed days need `start` and `days`, and no more.", hint="`{start: 2026-01-01, days: 60}`.")
    return SourceTime(start=of["start"], days=int(of["days"]))


def _exposure(of: Values) -> SourceExposure:
    if of.given("propensity") and of.given("propensities"):
        of.refuse("propensity", "The shares are given twice.", hint="keep `propensity` or `propensities`.")
    shares: Mapping[str, float] | None = of["propensities"]
    for option, number in (shares or {}).items():
        if not number > 0:
            of.refuse("propensities", f"The option {option!r} has the share 0.", hint="leave out what is never shown.")
    if shares and sum(shares.values()) > 1 + 1e-9:
        of.refuse(
            "propensities",
            f"The shares add up to {sum(shares.values()):g}, which is more than 1.",
            hint="write one share per option, such as '1/3' each of three.",
        )
    if isinstance(of["propensity"], float) and not of["propensity"] > 0:
        of.refuse("propensity", "A share of 0 is never shown.", hint="write a share above 0, or delete the key.")
    return SourceExposure(**{key.name: of[key.name] for key in _EXPOSURE_KEYS})


def _outcome(of: Values) -> OutcomeColumn:
    return OutcomeColumn(column=of.key, event=of["event"], value=of["value"], after=of["after"])


def _taken(of: Values) -> TakenColumn:
    return TakenColumn(
        name=of.key, column=of["from"], reads=of["reads"], words=of["words"] or None, optional=of["optional"]
    )


def _refuse_contradictions(of: Values) -> None:
    if of.given("event") and of["outcomes"]:
        of.refuse(
            "outcomes",
            f"The source {of.key!r} has both `event` (a row is an event) and `outcomes` (a row is a customer).",
            hint="delete the one that its rows are not.",
        )
    if not _says_what_a_row_is(of):
        of.refuse(
            "",
            f"The source {of.key!r} needs one of `event` (a row is an event) and `outcomes` (a row is a customer).",
            hint="write `event: name`, or `event: {fixed: Order Completed}`, or `outcomes: {visit: Visited}`.",
        )
    if of["customer"] is None and of.given("anonymous"):
        of.refuse(
            "anonymous",
            "Each row is a customer of its own, whom no id names.",
            hint="delete it, or write it under `customer`.",
        )


def _says_what_a_row_is(of: Values) -> bool:
    return of.given("event") or any(of[key] for key in ("outcomes", "exposure", "traits"))


def _name_of_all(of: Values) -> str | None:
    """What all rows are called, if they are called alike: without a word for it, what else the source says of them."""
    event = of["event"]
    if isinstance(event, _Fixed):
        return event.text
    if event is not None or of["outcomes"]:
        return None
    return EXPOSED if of["exposure"] else IDENTIFY


def _source(of: Values) -> Source:
    event, channel, time = of["event"], of["channel"], of["time"]
    _refuse_contradictions(of)
    return Source(
        name=of.key,
        customer=of["customer"],
        time=time if isinstance(time, SourceTime) else SourceTime(column=time),
        message_id=of["message_id"],
        anonymous=of["anonymous"],
        event=None if isinstance(event, _Fixed) else event,
        fixed_event=_name_of_all(of),
        channel=None if isinstance(channel, _Fixed) else channel,
        fixed_channel=channel.text if isinstance(channel, _Fixed) else "",
        traits=of["traits"],
        properties=of["properties"],
        exposure=of["exposure"],
        outcomes=tuple(
            item if isinstance(item, OutcomeColumn) else OutcomeColumn(column=column, event=item)
            for column, item in of["outcomes"].items()
        ),
        complete=of["complete"],
        late=of["late"],
        decimal=of["numbers"],
        currency=of["currency"],
        where=of["where"],
        explode=of["explode"],
        columns=tuple(
            item if isinstance(item, TakenColumn) else TakenColumn(name=name, column=item)
            for name, item in of["columns"].items()
        ),
        table=table_of(of),
        encoding=of["encoding"],
        escape=of["escape"],
    )


def _fixed_record(example: str, shape: PlainText) -> FileRecord[_Fixed]:
    return FileRecord(
        what="a fixed text",
        keys=(FileKey(name="fixed", shape=shape, about="The same for all rows.", default=REQUIRED),),
        build=_fixed,
        example=f"`{{fixed: {example}}}`.",
    )


_CUSTOMER = FileRecord(
    what="customers without ids",
    keys=(
        FileKey(
            name="each",
            shape=WordOf(words=("row",)),
            about="`row`: each row is a customer of its own, whom nothing else speaks of.",
            default=REQUIRED,
        ),
    ),
    build=_each,
    example="`{each: row}`.",
)

_TIME = FileRecord(
    what="a time",
    keys=(
        FileKey(name="column", shape=_COLUMN, about="The column that holds the time."),
        FileKey(name="format", shape=TEXT, about="How it is written, as for `strptime`; ISO 8601 needs none."),
        FileKey(name="zone", shape=ZONE, about="The zone of times that say none, if it is not the workspace's."),
        FileKey(
            name="precision",
            shape=WordOf.literal(Precision),
            about="`day`: the time behind the date says nothing, such as the midnight of a column of dates.",
            default="time",
        ),
        FileKey(name="start", shape=DATE, about="Rows without times: the first of the days they are spread over."),
        FileKey(name="days", shape=Number(least=1, most=3650, whole=True), about="How many days they are spread over."),
    ),
    build=_time,
    example="`time: {column: sent_at, format: '%d.%m.%Y'}`.",
)

_EXPOSURE_KEYS = (
    FileKey(name="attribute", shape=NAME, about="The attribute that was chosen.", default=REQUIRED),
    FileKey(name="option", shape=_COLUMN, about="The column that holds the option a customer met.", default=REQUIRED),
    FileKey(
        name="persona", shape=_COLUMN, about="The column that names the persona; otherwise the rules say who it was."
    ),
    FileKey(name="propensity", shape=_ShareOrColumn(), about="The share of every option, or the column that holds it."),
    FileKey(
        name="propensities",
        shape=MapOf(name=TEXT, item=SHARE, what="shares by option", example="`{mens: 1/3, womens: 1/3, none: 1/3}`"),
        about="The share of each option. Without any shares, the rows are observational.",
    ),
    FileKey(name="policy", shape=_COLUMN, about="The column that tells apart rows whose shares differed."),
    FileKey(name="epoch", shape=_COLUMN, about="The column that tells apart the occasions of one customer."),
    FileKey(name="stratum", shape=_COLUMN, about="The column that names the campaign or test."),
    FileKey(name="channel", shape=_COLUMN, about="The column that names the channel of the exposure."),
    FileKey(
        name="holdout",
        shape=_COLUMN,
        about="The column that says yes for who is held on the personas as first written.",
    ),
)

_EXPOSURE = FileRecord(
    what="an exposure",
    keys=_EXPOSURE_KEYS,
    build=_exposure,
    example="`exposure: {attribute: offer, option: segment}`.",
)

_OUTCOME = FileRecord(
    what="an outcome",
    keys=(
        FileKey(name="event", shape=TEXT, about="The event that a number other than 0 means.", default=REQUIRED),
        FileKey(name="value", shape=TEXT, about="The property under which the number is kept."),
        FileKey(
            name="after",
            shape=DURATION,
            about="How long after the exposure it is taken to be.",
            default=DURATION.parse("0 days"),
        ),
    ),
    build=_outcome,
    example="`spend: {event: Order Completed, value: revenue, after: 1 day}`.",
)

_TAKEN = FileRecord(
    what="a column of your own",
    keys=(
        FileKey(name="from", shape=_COLUMN, about="The column of the file that it is taken from.", default=REQUIRED),
        FileKey(
            name="reads",
            shape=WordOf.literal(Reads),
            about="`yes_no` makes what says yes or no true or false, `opposite` the contrary of it.",
            default="as_said",
        ),
        FileKey(
            name="words",
            shape=MapOf(name=TEXT, item=TEXT, what="words by value", example="`click: Email Link Clicked`"),
            about="Other words for some of its values; all others stay.",
        ),
        FileKey(
            name="optional",
            shape=Flag(),
            about="Whether files may lack it; without, one that does is refused.",
            default=False,
        ),
    ),
    build=_taken,
    example="`{from: Unsubscribed, reads: opposite}`.",
)

_NUMBERS = FileRecord(
    what="how numbers are written",
    keys=(
        FileKey(
            name="decimal",
            shape=PlainText(pattern=r"^[.,]$", meant="'.' or ','", longest=1),
            about="What stands before the decimals, `.` or `,`; the other mark then separates thousands.",
            default=REQUIRED,
        ),
    ),
    build=lambda of: of["decimal"],
    example='`{decimal: ","}`.',
)

SOURCE = FileRecord(
    what="a source",
    keys=(
        FileKey(
            name="customer",
            shape=ScalarOr(short=_COLUMN, long=_CUSTOMER),
            about="The column that holds the customer's id, or `{each: row}` where rows name nobody.",
            default=REQUIRED,
        ),
        FileKey(
            name="time",
            shape=ScalarOr(short=_COLUMN, long=_TIME),
            about="The column that holds the time, or how it is found.",
            default=REQUIRED,
        ),
        FileKey(
            name="message_id",
            shape=_COLUMN,
            about="The column that makes a row unique; by default what the row says, and how often its file says it.",
        ),
        FileKey(name="anonymous", shape=_COLUMN, about="The column that holds a second, anonymous id."),
        FileKey(
            name="event",
            shape=ScalarOr(short=_COLUMN, long=_fixed_record("Order Completed", TEXT)),
            about="The column that names the event, or `{fixed: Order Completed}`.",
        ),
        FileKey(
            name="channel",
            shape=ScalarOr(short=_COLUMN, long=_fixed_record("email", NAME)),
            about="The column that names the channel, or `{fixed: email}`.",
        ),
        FileKey(
            name="traits",
            shape=ListOf(item=_TRAIT, example="[country]"),
            about="Columns that describe the customer.",
            default=(),
        ),
        FileKey(
            name="properties",
            shape=ListOf(item=_COLUMN, example="[revenue]"),
            about="Columns that travel with the event; `['*']` is all others.",
            default=(),
        ),
        FileKey(name="exposure", shape=_EXPOSURE, about="Which columns say what the customer met."),
        FileKey(
            name="outcomes",
            shape=MapOf(
                name=_COLUMN,
                item=ScalarOr(short=TEXT, long=_OUTCOME),
                what="outcomes by column",
                example="`visit: Visited`",
            ),
            about="Wide rows: the columns that hold outcomes, each with the event that it means.",
            default={},
        ),
        FileKey(
            name="encoding",
            shape=ENCODING,
            about="The encoding of text files that are no UTF-8, such as windows-1252.",
            default="",
        ),
        FileKey(
            name="escape",
            shape=PlainText(pattern=r"^\\$", meant="a backslash", longest=1, example="'\\'"),
            about="A backslash, if one stands before the quotes and backslashes that are letters in its CSV files.",
            default="",
        ),
        FileKey(name="numbers", shape=_NUMBERS, about="How numbers are written in text."),
        FileKey(name="currency", shape=_COLUMN, about="The column that names the currency of the values."),
        FileKey(name="where", shape=RULE, about="Only rows for which this rule is true are read."),
        FileKey(
            name="explode",
            shape=_COLUMN,
            about="A column of arrays, such as `items`: each element is a row, and `items[].sku` reaches into it.",
        ),
        FileKey(
            name="columns",
            shape=MapOf(
                name=_COLUMN,
                item=ScalarOr(short=_COLUMN, long=_TAKEN),
                what="columns of your own",
                example="`consent_email: Accepts Marketing`",
            ),
            about="Columns under names of your own, each with the column that it is taken from.",
            default={},
        ),
        FileKey(name="complete", shape=Flag(), about="Whether the outcomes of all rows are final.", default=False),
        FileKey(
            name="late", shape=LATE, about="How long after they happened the last events come; else it is measured."
        ),
        *TABLE_KEYS,
    ),
    build=_source,
    example="`{customer: customer_id, time: sent_at, event: name}`.",
)
