"""The features that a workspace has when it declares none: what anybody would ask of a customer first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256

from living_personas.domain.event import ALIAS, EXPOSED, IDENTIFY, MACHINE_EVENTS
from living_personas.domain.meaning import EVENT_MEANINGS, Meaning
from living_personas.domain.settings import Feature
from living_personas.errors import InvalidRuleError
from living_personas.rules.aggregate import parse_aggregate

__all__ = ["DEFAULT_WINDOWS", "default_features", "is_default_name", "name_of", "not_done_yet"]

DEFAULT_WINDOWS = (7, 28, 90)
"""Days over which events are counted."""

_DAYPARTS = {"night": (0, 6), "morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24)}
_OURS = (ALIAS, IDENTIFY, EXPOSED, *MACHINE_EVENTS.values())
_ACTIVITY = f"name not in ({', '.join(repr(name) for name in _OURS)})"
_STEPS = ("delivered", "opened", "clicked")
_OF_MAIL: Mapping[str, Meaning] = {"opened": "email_opened", "clicked": "email_clicked"}
_LONGEST = 40
_DEFAULT_NAME = re.compile(
    r"[a-z][a-z0-9_]*_(7|28|90)d|recency_days|average_spend|discounted_order_share"
    r"|[a-z][a-z0-9_]*_(opened|clicked)_share|(night|morning|afternoon|evening)_share"
)

_DEFAULT_COUNT = re.compile(r"(?!spend_)[a-z][a-z0-9_]*_(7|28|90)d")


def default_features(
    event_names: Iterable[str],
    channels: Iterable[str],
    value_property: str | None,
    *,
    means: Mapping[str, Meaning] | None = None,
) -> tuple[Feature, ...]:
    """The features of a workspace that declares none, for the events and channels it has seen.

    Parameters
    ----------
    event_names, channels
        What was seen so far, in any order.
    value_property
        The numeric property that orders carry, such as ``revenue``; None if there is none.
    means
        What events speak of, beside those whose names are ours.

    Returns
    -------
    Counts per event, active days, recency, spend, discounted orders, opens and clicks of deliveries per channel, and
    the parts of the day. Identifications and exposures are ours, opens and clicks by machines are nobody's: they are
    not counted. Events whose names no expression can hold are left out.

    Examples
    --------
    >>> [feature.name for feature in default_features(["Order Completed"], [], None)][:3]
    ['order_completed_7d', 'order_completed_28d', 'order_completed_90d']
    """
    events = sorted(set(event_names) - set(_OURS))
    found = (
        *_counts(events, {**EVENT_MEANINGS, **(means or {})}),
        *_activity(),
        *_spend(value_property),
        *_funnels(events, sorted(set(channels) - {""})),
        *_dayparts(),
    )
    return tuple(feature for feature in found if _sayable(feature))


def is_default_name(name: str) -> bool:
    """Whether a default feature could have this name, whatever the events are called.

    >>> is_default_name("order_completed_28d"), is_default_name("orders")
    (True, False)
    """
    return _DEFAULT_NAME.fullmatch(name) is not None


def not_done_yet(names: Iterable[str]) -> tuple[Feature, ...]:
    """Those of some names that are default counts, as counts of an event that nobody did yet: 0 for everybody.

    >>> [feature.name for feature in not_done_yet(["order_completed_28d", "average_spend", "country"])]
    ['order_completed_28d']
    """
    return tuple(
        Feature(name=name, sql="count(*) filter (where false)", unit="events")
        for name in names
        if _DEFAULT_COUNT.fullmatch(name)
    )


def name_of(text: str) -> str:
    """A text in snake_case: a valid column name, whatever the text.

    >>> name_of("Order Completed"), name_of("3-D Größe")
    ('order_completed', 'x3_d_grosse')
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST].rstrip("_")
    return name if name[:1].isalpha() else f"x{name}"


def _counts(events: Sequence[str], means: Mapping[str, Meaning]) -> list[Feature]:
    names = _distinct(events, taken={"active_days", "spend"})
    return [
        Feature(
            name=f"{name}_{days}d",
            sql=f"count(*) filter (where name = {_literal(event)})",
            within=timedelta(days=days),
            unit="events",
            means=means.get(event),
        )
        for event, name in zip(events, names, strict=True)
        for days in DEFAULT_WINDOWS
    ]


def _activity() -> list[Feature]:
    days = [
        Feature(
            name=f"active_days_{window}d",
            sql=f"count(distinct day) filter (where {_ACTIVITY})",
            within=timedelta(days=window),
            unit="days",
        )
        for window in DEFAULT_WINDOWS
    ]
    absent = f"min(age_days) filter (where {_ACTIVITY})"
    recency = Feature(name="recency_days", sql=absent, unit="days", means="recency")
    return [*days, recency]


def _spend(value_property: str | None) -> list[Feature]:
    if value_property is None or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value_property):
        return []
    paid = f"{value_property} > 0"
    orders = f"count(*) filter (where {paid})"
    spend = [
        Feature(name=f"spend_{days}d", sql=f"sum({value_property})", within=timedelta(days=days), means="purchases")
        for days in DEFAULT_WINDOWS
    ]
    sum_paid = f"sum({value_property}) filter (where {paid})"
    average = Feature(name="average_spend", sql=sum_paid, of=orders, means="order_value")
    discounted = Feature(
        name="discounted_order_share",
        sql=f"count(*) filter (where {paid} and discount > 0)",
        of=orders,
        means="discounts",
    )
    return [*spend, average, discounted]


def _funnels(events: Sequence[str], channels: Sequence[str]) -> list[Feature]:
    steps = {step: [event for event in events if event.casefold().split()[-1:] == [step]] for step in _STEPS}
    if not steps["delivered"]:
        return []
    names = _distinct(channels, taken=set())
    return [
        Feature(
            name=f"{name}_{step}_share",
            sql=_count_on(channel, steps[step]),
            of=_count_on(channel, steps["delivered"]),
            means=_OF_MAIL[step] if channel == "email" else None,
        )
        for channel, name in zip(channels, names, strict=True)
        for step in ("opened", "clicked")
        if steps[step]
    ]


def _dayparts() -> list[Feature]:
    return [
        Feature(
            name=f"{part}_share",
            sql=f"count(*) filter (where {_ACTIVITY} and hour >= {first} and hour < {end})",
            of=f"count(*) filter (where {_ACTIVITY})",
        )
        for part, (first, end) in _DAYPARTS.items()
    ]


def _count_on(channel: str, events: Sequence[str]) -> str:
    listed = ", ".join(_literal(event) for event in events)
    return f"count(*) filter (where channel = {_literal(channel)} and name in ({listed}))"


def _sayable(feature: Feature) -> bool:
    """Whether the rule language can say it: an event's name may hold what no expression may, such as a NUL."""
    try:
        parse_aggregate(feature.sql)
        if feature.of is not None:
            parse_aggregate(feature.of)
    except InvalidRuleError:
        return False
    return True


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _distinct(texts: Sequence[str], *, taken: set[str]) -> list[str]:
    """A name for each text; where two have the same one, the later is told apart by its hash."""
    found: list[str] = []
    for text in texts:
        name = name_of(text)
        clash = name in taken or name in found
        found.append(f"{name}_{sha256(text.encode()).hexdigest()[:6]}" if clash else name)
    return found
