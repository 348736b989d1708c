"""What ``workspace.yaml`` may say: every key, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from living_personas.domain.settings import OF, Feature
from living_personas.errors import InvalidSettingsError, Location, did_you_mean
from living_personas.workspace.contact_shape import CONTACT
from living_personas.workspace.guardrails import GUARDRAILS
from living_personas.workspace.quantities import SHARE_PATTERN, InvalidQuantityError, share
from living_personas.workspace.records import REQUIRED, Key, ListOf, MapOf, Record, ScalarOr, Values
from living_personas.workspace.shapes import IDENTIFIER, NAME, TEXT, OneOf, Quantity, Text
from living_personas.workspace.source_shape import SOURCE
from living_personas.workspace.webhook_shape import WEBHOOKS
from living_personas.workspace.words import AGGREGATE, DATE, GOAL_RECORD, HALF_LIFE, METRIC_RECORD, WITHIN

__all__ = ["SETTINGS"]

_DAY = timedelta(days=1)
_TAKEN = ("age_days", "customer", "matches", "persona")


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


def _zone(text: str, where: Location) -> None:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidSettingsError(f"There is no time zone {text!r}.", hint=_nearest_zone(text), where=where) from None


def _nearest_zone(text: str) -> str:
    hint = did_you_mean(text, available_timezones(), kind="time zone")
    return hint if hint.startswith("did") else "write it like 'Europe/Berlin' or 'UTC'."


def _feature_name(text: str, where: Location) -> None:
    if text in _TAKEN or text.endswith(OF):
        raise InvalidSettingsError(
            f"The name {text!r} is taken by a column of ours.", hint="choose another.", where=where
        )


def _feature(of: Values) -> Feature:
    within: timedelta | None = of["within"]
    if within is not None and within % _DAY != timedelta(0):
        of.refuse("within", "A feature looks back over whole days.", hint="write it like '28 days'.")
    return Feature(name=of.key, sql=of["sql"], of=of["of"], within=within, unit=of["unit"])


def _itself(of: Values) -> Values:
    return of


_FEATURE = Record(
    what="a feature",
    keys=(
        Key(name="sql", shape=AGGREGATE, about="An aggregate over the customer's events.", default=REQUIRED),
        Key(name="of", shape=AGGREGATE, about="The denominator, where the feature is a rate or a mean."),
        Key(name="within", shape=WITHIN, about="Only the events of so many days before the day of use."),
        Key(name="unit", shape=TEXT, about="The unit it is shown in.", default=""),
    ),
    build=_feature,
    example="`{sql: sum(revenue), within: 28 days, unit: EUR}`.",
)

SETTINGS = Record(
    what="workspace.yaml",
    keys=(
        Key(name="name", shape=TEXT, about="What the workspace is called.", default=REQUIRED),
        Key(
            name="salt",
            shape=Text(pattern=r"^[^|]{16,}$", meant="a salt of at least 16 characters without '|'"),
            about="Makes this workspace's hashes its own. Never change it: every customer would draw anew.",
            default=REQUIRED,
        ),
        Key(
            name="time_zone",
            shape=Text(check=_zone, example="Europe/Berlin"),
            about="Whose midnight ends a day; `UTC` by default.",
            default="UTC",
        ),
        Key(
            name="autonomy",
            shape=OneOf.literal(Literal["auto", "review", "observe"]),
            about="The most that any attribute's `change` may do; `auto` by default.",
            default="auto",
        ),
        Key(
            name="error_budget",
            shape=Quantity(parse=_budget, pattern=SHARE_PATTERN, meant="a share", example="5%", numbers=True),
            about="The probability of any false correction of an attribute in its first year; `5%` by default.",
            default=0.05,
        ),
        Key(
            name="holdout",
            shape=Quantity(parse=_below_one, pattern=SHARE_PATTERN, meant="a share", example="5%", numbers=True),
            about="The share of customers who stay on the personas as first written; `5%` by default.",
            default=0.05,
        ),
        Key(
            name="half_life",
            shape=HALF_LIFE,
            about="After how long evidence steers tomorrow's choices half as much; `30 days` by default.",
            default=30.0,
        ),
        Key(
            name="goals",
            shape=MapOf(
                name=NAME, item=GOAL_RECORD, what="goals by name", example="`purchase: {event: Order Completed}`"
            ),
            about="Goals that personas refer to by name.",
            default={},
        ),
        Key(
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
        Key(name="guardrails", shape=GUARDRAILS, about="Guardrails for all personas.", default=()),
        Key(
            name="features",
            shape=MapOf(
                name=Text(
                    pattern=IDENTIFIER.pattern,
                    meant=IDENTIFIER.meant,
                    example=IDENTIFIER.example,
                    longest=64,
                    check=_feature_name,
                ),
                item=ScalarOr(short=AGGREGATE, long=_FEATURE),
                what="features by name",
                example="`orders_total: count(*) filter (where name = 'Order Completed')`",
            ),
            about="One number per customer each, computed from events; rules and traits use their names.",
            default={},
        ),
        Key(
            name="traits",
            shape=ListOf(item=IDENTIFIER, what="a list of traits", example="[country, utm_campaign]"),
            about="Traits that come with `identify` events or with a question for a decision, beside those of sources.",
            default=(),
        ),
        Key(
            name="campaigns",
            shape=MapOf(name=TEXT, item=DATE, what="campaigns by name", example="`autumn_sale: 2026-09-01`"),
            about="Named occasions and their first day, for attributes with `assign: campaign`.",
            default={},
        ),
        Key(
            name="sources",
            shape=MapOf(
                name=NAME, item=SOURCE, what="sources by name", example="`shop: {customer: id, time: at, event: name}`"
            ),
            about="How the rows of files and tables become events.",
            default={},
        ),
        Key(name="contact", shape=CONTACT, about="When customers may be contacted: caps, cool-downs, quiet hours."),
        Key(name="webhooks", shape=WEBHOOKS, about="Who is told of changes.", default=()),
    ),
    build=_itself,
    example="`name: acme`.",
)
