"""What ``workspace.yaml`` may say: every key, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from living_personas.domain.consent import Consent
from living_personas.domain.meaning import Meaning
from living_personas.domain.settings import BrowserIdentity, Discovery, Feature, Nobody, Promise
from living_personas.workspace.contact_shape import CONTACT
from living_personas.workspace.discovery_shape import DISCOVERY
from living_personas.workspace.file_records import REQUIRED, FileKey, FileRecord, ListOf, MapOf, ScalarOr, Values
from living_personas.workspace.file_words import (
    AGGREGATE,
    CURRENCY,
    DATE,
    GOAL_RECORD,
    HALF_LIFE,
    LATE,
    METRIC_RECORD,
    RULE,
    WITHIN,
)
from living_personas.workspace.guardrail_shape import GUARDRAILS
from living_personas.workspace.quantities import (
    DURATION_PATTERN,
    SHARE_PATTERN,
    InvalidQuantityError,
    duration,
    share,
)
from living_personas.workspace.shapes import IDENTIFIER, NAME, TEXT, Number, PlainText, Quantity, WordOf
from living_personas.workspace.source_shape import SOURCE
from living_personas.workspace.store_shape import FILED_AT, STORED_AT
from living_personas.workspace.table_shape import SPARK_ADDRESS
from living_personas.workspace.webhook_shape import WEBHOOKS
from living_personas.workspace.zone_shape import ZONE

__all__ = ["SETTINGS"]

_DAY = timedelta(days=1)


def _below_one(text: str) -> float:
    number = share(text)
    if number >= 1:
        raise InvalidQuantityError(f"{text!r} is everybody.", hint="write a share below 100%.")
    return number


def _budget(text: str) -> float:
    number = share(text)
    if not 0 < number < 1:
        raise InvalidQuantityError(
            f"{text!r} cannot be the probability of a false correction.", hint="write a small one, such as '5%'."
        )
    return number


def _feature(of: Values) -> Feature:
    within: timedelta | None = of["within"]
    if within is not None and within % _DAY != timedelta(0):
        of.refuse("within", "A feature looks back over whole days.", hint="write it like '28 days'.")
    return Feature(name=of.key, sql=of["sql"], of=of["of"], within=within, unit=of["unit"], means=of["means"])


def _kept(text: str) -> timedelta:
    span = duration(text)
    if span < _DAY or span % _DAY != timedelta(0):
        raise InvalidQuantityError(f"{text!r} is not a number of whole days.", hint="write it like '30 days'.")
    return span


_RETENTION = FileRecord(
    what="retention",
    keys=(
        FileKey(
            name="events",
            shape=Quantity(parse=_kept, pattern=DURATION_PATTERN, meant="a length of time", example="400 days"),
            about="For how many days what somebody did is kept; then it is dropped, and what was counted of it stays.",
        ),
        FileKey(
            name="quarantine",
            shape=Quantity(parse=_kept, pattern=DURATION_PATTERN, meant="a length of time", example="30 days"),
            about="How many days a row waits in quarantine to be mended; then it is dropped, and counted.",
        ),
    ),
    build=lambda of: {"quarantine_kept": of["quarantine"], "events_kept": of["events"]},
    example="`{events: 400 days, quarantine: 30 days}`.",
)


_ENGINE = FileRecord(
    what="an engine",
    keys=(
        FileKey(
            name="spark",
            shape=SPARK_ADDRESS,
            about="The address of a Spark Connect server, which reads the files of `.living` where they lie.",
            default=REQUIRED,
        ),
    ),
    build=lambda of: of["spark"],
    example="`{spark: 'sc://spark.example.com:15002'}`.",
)


def _itself(of: Values) -> Values:
    return of


_MEANING = WordOf.literal(Meaning)

_FEATURE = FileRecord(
    what="a feature",
    keys=(
        FileKey(name="sql", shape=AGGREGATE, about="An aggregate over the customer's events.", default=REQUIRED),
        FileKey(name="of", shape=AGGREGATE, about="The denominator, where the feature is a rate or a mean."),
        FileKey(name="within", shape=WITHIN, about="Only the events of so many days before the day of use."),
        FileKey(name="unit", shape=TEXT, about="The unit it is shown in.", default=""),
        FileKey(name="means", shape=_MEANING, about="What it speaks of: segments are named and advised by it."),
    ),
    build=_feature,
    example="`{sql: sum(revenue), within: 28 days, unit: EUR}`.",
)

_WORDS = ListOf(item=PlainText(longest=64), what="a list of words", example="[test, unknown]")

_NOBODY = FileRecord(
    what="words for nobody",
    keys=(
        FileKey(name="add", shape=_WORDS, about="Words that name nobody here, in any case.", default=()),
        FileKey(name="remove", shape=_WORDS, about="Usual words for nobody that are somebody's id here.", default=()),
    ),
    build=lambda of: Nobody(add=of["add"], remove=of["remove"]),
    example="`{add: [test], remove: [guest]}`.",
)

SETTINGS = FileRecord(
    what="workspace.yaml",
    keys=(
        FileKey(name="name", shape=TEXT, about="What the workspace is called.", default=REQUIRED),
        FileKey(
            name="salt",
            shape=PlainText(pattern=r"^[^|]{16,}$", meant="a salt of at least 16 characters without '|'"),
            about="Makes this workspace's hashes its own. Never change it: every customer would draw anew.",
            default=REQUIRED,
        ),
        FileKey(
            name="time_zone",
            shape=ZONE,
            about="Whose midnight ends a day; `UTC` by default.",
            default="UTC",
        ),
        FileKey(
            name="autonomy",
            shape=WordOf.literal(Literal["auto", "review", "observe"]),
            about="The most that any attribute's `change` may do; `auto` by default.",
            default="auto",
        ),
        FileKey(
            name="discovery",
            shape=DISCOVERY,
            about="What becomes of segments by itself; nothing by default.",
            default=Discovery(),
        ),
        FileKey(
            name="error_budget",
            shape=Quantity(parse=_budget, pattern=SHARE_PATTERN, meant="a share", example="5%", numbers=True),
            about="How often corrections may be wrong in the first year, as `promise` means it; `5%` by default.",
            default=0.05,
        ),
        FileKey(
            name="promise",
            shape=WordOf.literal(Promise),
            about="Whether the budget is for each belief or for all; by default `all` from 20 beliefs on.",
        ),
        FileKey(
            name="holdout",
            shape=Quantity(parse=_below_one, pattern=SHARE_PATTERN, meant="a share", example="5%", numbers=True),
            about="The share of customers who stay on the personas as first written; `5%` by default.",
            default=0.05,
        ),
        FileKey(
            name="half_life",
            shape=HALF_LIFE,
            about="After how long evidence steers half as much; by default the longer of 20 days and 20,000 units.",
        ),
        FileKey(
            name="late",
            shape=LATE,
            about="How long after they happen events come at most, where their source does not say.",
        ),
        FileKey(
            name="goals",
            shape=MapOf(
                name=NAME, item=GOAL_RECORD, what="goals by name", example="`purchase: {event: Order Completed}`"
            ),
            about="Goals that personas refer to by name.",
            default={},
        ),
        FileKey(
            name="metrics",
            shape=MapOf(
                name=NAME,
                item=METRIC_RECORD,
                what="metrics by name",
                example="`margin_per_order: {event: Order Completed, value: margin, at_most: 500}`",
            ),
            about="Named outcomes that guardrails watch.",
            default={},
        ),
        FileKey(name="guardrails", shape=GUARDRAILS, about="Guardrails for all personas.", default=()),
        FileKey(
            name="features",
            shape=MapOf(
                name=IDENTIFIER,
                item=ScalarOr(short=AGGREGATE, long=_FEATURE),
                what="features by name",
                example="`orders_total: count(*) filter (where name = 'Order Completed')`",
            ),
            about="One number per customer each, computed from events; rules and traits use their names.",
            default={},
        ),
        FileKey(
            name="traits",
            shape=ListOf(item=IDENTIFIER, what="a list of traits", example="[country, utm_campaign]"),
            about="Traits that come with `identify` events or with a question for a decision, beside those of sources.",
            default=(),
        ),
        FileKey(
            name="protected",
            shape=ListOf(item=IDENTIFIER, what="a list of traits and features", example="[age, sex]"),
            about="Traits and features that no segment is found, named or advised by, nor may stand in for.",
            default=(),
        ),
        FileKey(
            name="breakdowns",
            shape=ListOf(item=IDENTIFIER, what="a list of traits and features", example="[country, device]"),
            about="Traits and features by which effects are looked at in parts, to explore; nothing is decided by it.",
            default=(),
        ),
        FileKey(
            name="means",
            shape=MapOf(name=TEXT, item=_MEANING, what="meanings by event", example="`{Letter Read: email_opened}`"),
            about="What events speak of, where no features are declared: segments are named and advised by it.",
            default={},
        ),
        FileKey(
            name="campaigns",
            shape=MapOf(name=TEXT, item=DATE, what="campaigns by name", example="`autumn_sale: 2026-09-01`"),
            about="Named occasions and their first day, for attributes with `assign: campaign`.",
            default={},
        ),
        FileKey(
            name="sources",
            shape=MapOf(
                name=NAME, item=SOURCE, what="sources by name", example="`shop: {customer: id, time: at, event: name}`"
            ),
            about="How the rows of files and tables become events.",
            default={},
        ),
        FileKey(
            name="nobody",
            shape=_NOBODY,
            about="Ids that name nobody, beside `null`, `undefined`, `guest`, `0` and the like; and which of these do.",
            default=Nobody(),
        ),
        FileKey(
            name="ignore",
            shape=RULE,
            about="A rule over the id (`customer`), features and traits: for whom it is true gets the defaults, and "
            "never counts.",
            default="",
        ),
        FileKey(
            name="rates",
            shape=MapOf(name=CURRENCY, item=Number(above=0), what="rates by currency", example="`{EUR: 1, USD: 0.92}`"),
            about="What one of each currency is worth, in any one of them: values are converted by it.",
        ),
        FileKey(
            name="earliest",
            shape=DATE,
            about="Events before this day are quarantined; by default 3 years before the middle of the first file.",
        ),
        FileKey(
            name="consent",
            shape=WordOf.literal(Consent),
            about="What it means that a customer said neither yes nor no: `assumed` is a yes (the default), `required` "
            "a no.",
            default="assumed",
        ),
        FileKey(
            name="browser_identity",
            shape=WordOf.literal(BrowserIdentity),
            about="Whether the key of a page speaks for customers whom a server named: `verified` asks for a proof "
            "(the default), `open` for none.",
            default="verified",
        ),
        FileKey(
            name="store",
            shape=STORED_AT,
            about="Where the memory is: `postgresql://...`, or the environment variable that holds such an address; by "
            "default in the folder `.living`.",
        ),
        FileKey(
            name="files",
            shape=FILED_AT,
            about="Where new files of the days are put: `s3://bucket/prefix`, `gs://...`, `file:///...`, or the "
            "environment variable that holds such an address; by default with the memory.",
        ),
        FileKey(
            name="engine", shape=_ENGINE, about="What touches rows; by default DuckDB, in the process.", default=""
        ),
        FileKey(name="retention", shape=_RETENTION, about="After how many days rows are dropped.", default={}),
        FileKey(name="contact", shape=CONTACT, about="When customers may be contacted: caps, cool-downs, quiet hours."),
        FileKey(name="webhooks", shape=WEBHOOKS, about="Who is told of changes.", default=()),
    ),
    build=_itself,
    example="`name: acme`.",
)
