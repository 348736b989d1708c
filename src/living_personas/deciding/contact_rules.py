"""Whether a customer may be contacted now: consent, cool-downs, caps over all channels, quiet hours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from living_personas.domain.consent import is_no, is_yes
from living_personas.domain.contact import TIME_ZONE, Contacted, ContactPolicy, Delivery, WhyHeld
from living_personas.domain.decision import UNMATCHED, Decision

__all__ = [
    "DELIVERED",
    "NOBODY_ASKED",
    "REFUSED",
    "agrees",
    "consented",
    "delivery",
    "refuses",
    "unmatched",
    "zone_of",
]

NOBODY_ASKED = Contacted()
"""A customer who was not contacted lately."""

DELIVERED = Delivery(deliver=True)
REFUSED = Delivery(deliver=False, reason="no consent")


def delivery(
    policy: ContactPolicy | None,
    *,
    at: datetime,
    channel: str,
    clock: ZoneInfo,
    contacted: Contacted = NOBODY_ASKED,
) -> Delivery:
    """Whether what is decided at a moment may be delivered then; if not, the first moment at which it may.

    Parameters
    ----------
    policy
        None and channels it does not name hold nothing back.
    clock
        The time zone that the customer lives by, for quiet hours.
    contacted
        What happened; what comes after ``at`` is ignored.
    """
    if policy is None or channel not in policy.channels:
        return DELIVERED
    reason: WhyHeld = ""
    moment = at.astimezone(UTC)
    while held := _held(policy, contacted, moment, clock):
        reason = reason or held[0]
        moment = held[1]
    return Delivery(deliver=not reason, reason=reason, hold_until=moment if reason else None)


def refuses(given: Mapping[str, object], consents: Collection[str]) -> bool:
    """Whether traits say no on one of these consents.

    >>> refuses({"consent_email": False}, ["consent_email"]), refuses({"consent_email": False}, ["consent_ads"])
    (True, False)
    """
    return any(is_no(name, given[name]) for name in consents if name in given)


def agrees(given: Mapping[str, object], consents: Collection[str]) -> bool:
    """Whether traits say yes on one of these consents.

    >>> agrees({"consent_email": "on"}, ["consent_email"]), agrees({"consent_email": None}, ["consent_email"])
    (True, False)
    """
    return any(is_yes(name, given[name]) for name in consents if name in given)


def consented(decision: Decision, found: Delivery) -> Decision:
    """The decision as it may be given out: nobody who said no is anybody's member, and nothing is chosen for them."""
    return unmatched(decision) if found.refused else decision


def unmatched(decision: Decision) -> Decision:
    """The decision of a customer who is nobody's member: the defaults."""
    return replace(decision, persona=UNMATCHED, persona_version=0, holdout=False, choices=(), undecided={})


def zone_of(known: Mapping[str, object], *, otherwise: ZoneInfo) -> ZoneInfo:
    """The customer's own time zone, if there is one of that name."""
    name = known.get(TIME_ZONE)
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else otherwise
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise


def _held(
    policy: ContactPolicy, contacted: Contacted, moment: datetime, clock: ZoneInfo
) -> tuple[WhyHeld, datetime] | None:
    """What holds at a moment, and the first later moment at which it no longer does."""
    happened = contacted.happened or {}
    for cool_down in policy.cool_downs:
        last = max((time for time in happened.get(cool_down.event, ()) if time <= moment), default=None)
        if last is not None and moment < last + cool_down.lasts:
            return "cool-down", last + cool_down.lasts
    for cap in policy.caps:
        recent = sorted(met for met in contacted.met if moment - cap.within < met <= moment)
        if len(recent) >= cap.most:
            return "cap", recent[len(recent) - cap.most] + cap.within
    quiet = policy.quiet_hours
    local = moment.astimezone(clock)
    if quiet is not None and quiet.hold(local.time()):
        return "quiet hours", _end_of_quiet(local, quiet.ends.hour, quiet.ends.minute)
    return None


def _end_of_quiet(local: datetime, hour: int, minute: int) -> datetime:
    """The next moment at which the customer's clock shows this time."""
    for days in range(3):
        day = local.date() + timedelta(days=days)
        end = datetime(day.year, day.month, day.day, hour, minute, tzinfo=local.tzinfo).astimezone(UTC)
        if end > local.astimezone(UTC):
            return end
    raise AssertionError  # a day has at most 25 hours
