"""The shapes that both kinds of file share: quantities, dates, rules, names."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from living_personas.domain.goal import DAY, GOAL, FromBrowsers, Goal
from living_personas.domain.settings import Metric
from living_personas.errors import Location
from living_personas.rules.aggregate import parse_aggregate
from living_personas.rules.parse import parse
from living_personas.workspace.file_records import REQUIRED, FileKey, FileRecord, Values
from living_personas.workspace.quantities import (
    DURATION_PATTERN,
    SHARE_PATTERN,
    InvalidQuantityError,
    duration,
    share,
)
from living_personas.workspace.shapes import TEXT, Number, PlainText, Quantity, WordOf

__all__ = [
    "AGGREGATE",
    "CURRENCY",
    "DATE",
    "DURATION",
    "GOAL_RECORD",
    "HALF_LIFE",
    "LATE",
    "METRIC_RECORD",
    "RULE",
    "SHARE",
    "WITHIN",
]

LONGEST_RULE = 4000
_LATEST = timedelta(days=90)


def _rule(text: str, where: Location) -> object:
    return parse(text, where=where)


def _aggregate(text: str, where: Location) -> object:
    return parse_aggregate(text, where=where)


def _positive(text: str) -> timedelta:
    span = duration(text)
    if span <= timedelta(0):
        raise InvalidQuantityError(f"{text!r} is no time at all.", hint="write it like '7 days'.")
    return span


def _late(text: str) -> timedelta:
    span = duration(text)
    if span > _LATEST:
        raise InvalidQuantityError(
            f"{text!r} is longer than {_LATEST.days} days, for which every correction would wait.",
            hint="write how late the last events come, such as '8 days'.",
        )
    return span


def _days(text: str) -> float:
    return _positive(text) / DAY


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidQuantityError(f"{text!r} is not a date.", hint="write it like 2026-09-03.") from None


RULE = PlainText(
    meant="a rule",
    example="`who: \"orders_total = 0 and country = 'DE'\"`",
    longest=LONGEST_RULE,
    lines=True,
    says=frozenset({"text", "boolean"}),
    check=_rule,
)
AGGREGATE = PlainText(
    meant="an SQL aggregate",
    example="\"count(*) filter (where name = 'Order Completed')\"",
    longest=LONGEST_RULE,
    lines=True,
    check=_aggregate,
)
DURATION = Quantity(parse=duration, pattern=DURATION_PATTERN, meant="a length of time", example="7 days")
WITHIN = Quantity(parse=_positive, pattern=DURATION_PATTERN, meant="a length of time", example="7 days")
HALF_LIFE = Quantity(parse=_days, pattern=DURATION_PATTERN, meant="a length of time", example="30 days")
LATE = Quantity(parse=_late, pattern=DURATION_PATTERN, meant="a length of time", example="8 days")
SHARE = Quantity(parse=share, pattern=SHARE_PATTERN, meant="a share", example="5%", numbers=True)
DATE = Quantity(parse=_date, pattern=r"^\d{4}-\d{2}-\d{2}$", meant="a date", example="2026-09-03")

CURRENCY = PlainText(pattern="^[A-Z]{3}$", meant="the code of a currency", example="'EUR'", longest=3)

_OUTCOME_KEYS = (
    FileKey(name="event", shape=TEXT, about="The name of the event that counts.", default=REQUIRED),
    FileKey(
        name="within",
        shape=WITHIN,
        about="How long after an exposure the event counts, such as `7 days` (the default).",
        default=timedelta(days=7),
    ),
    FileKey(
        name="value", shape=TEXT, about="A numeric property of the event that is summed, instead of counting yes or no."
    ),
    FileKey(
        name="at_most", shape=Number(above=0), about="The largest value per customer that counts (winsorised there)."
    ),
    FileKey(
        name="from_browsers",
        shape=WordOf.literal(FromBrowsers),
        about="Whether outcomes count that came with a publishable key, which anybody can send, or from agents.",
        default="never",
    ),
    FileKey(
        name="currency",
        shape=CURRENCY,
        about="The currency of the sum, such as `EUR`: values in others are converted by `rates`, or do not count.",
    ),
)


def _goal(of: Values) -> Goal:
    _refuse_useless_bound(of)
    return Goal(**_outcome(of))


def _metric(of: Values) -> Metric:
    _refuse_useless_bound(of)
    if of.key == GOAL:
        of.refuse("", f"The metric name {GOAL!r} is taken by the personas' goals.", hint="choose another name.")
    return Metric(name=of.key, **_outcome(of))


def _outcome(of: Values) -> dict[str, Any]:
    return {key.name: of[key.name] for key in _OUTCOME_KEYS}


def _refuse_useless_bound(of: Values) -> None:
    if of["currency"] is not None and of["value"] is None:
        of.refuse(
            "currency", "`currency` is that of a `value`, and none is named.", hint="name a `value`, or delete it."
        )
    if of["at_most"] is not None and of["value"] is None:
        of.refuse(
            "at_most", "`at_most` bounds a `value`, and none is named.", hint="name a `value`, or delete `at_most`."
        )


GOAL_RECORD = FileRecord(
    what="a goal",
    keys=_OUTCOME_KEYS,
    build=_goal,
    example="`{event: Order Completed, within: 7 days}`.",
    blame="within",
)
METRIC_RECORD = FileRecord(
    what="a metric",
    keys=_OUTCOME_KEYS,
    build=_metric,
    example="`{event: Order Completed, value: margin, within: 7 days}`.",
)
