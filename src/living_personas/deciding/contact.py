"""Whether a customer may be contacted now: consent, cool-downs, caps over all channels, quiet hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from living_personas.domain.contact import CONSENT, Contacted, ContactPolicy, Delivery, WhyHeld
from living_personas.domain.decision import UNMATCHED, Decision

__all__ = ["NOBODY_ASKED", "TIME_ZONE", "consented", "delivery", "refuses", "zone_of"]

NOBODY_ASKED = Contacted()
"""A customer who was not contacted lately."""

TIME_ZONE = "time_zone"
"""The trait that says which clock a customer lives by."""

_NO = (False, 0, "false", "0", "no", "off", "denied")
_YES = (True, 1, "true", "1", "yes", "on")


def delivery(
    policy: ContactPolicy | None,
    known: Mapping[str, object],
    *,
    at: datetime,
    channel: str,
    zone: ZoneInfo,
    contacted: Contacted = NOBODY_ASKED,
) -> Delivery:
    """Whether what is decided at a moment may be delivered then; if not, the first moment at which it may.

    Parameters
    ----------
    policy
        None and channels it does not name are held back by nothing but consent.
    known
        Traits of the customer: consent, and ``time_zone`` for quiet hours.
    zone
        The workspace's time zone, for customers whose own is not known.
    contacted
        What happened before ``at``; contacts after it are ignored.
    """
    if refuses(known, channel=channel, consent=policy.consent if policy else CONSENT):
        return Delivery(deliver=False, reason="no consent")
    if policy is None or channel not in policy.channels:
        return Delivery(deliver=True)
    clock = zone_of(known, otherwise=zone)
    reason: WhyHeld = ""
    moment = at.astimezone(UTC)
    while held := _held(policy, contacted, moment, clock):
        reason = reason or held[0]
        moment = held[1]
    return Delivery(deliver=not reason, reason=reason, hold_until=moment if reason else None)


def refuses(known: Mapping[str, object], *, channel: str, consent: Iterable[str] = CONSENT) -> bool:
    """Whether a customer said no to being decided for on a channel: a consent that is false, or a browser's signal.

    >>> refuses({"consent_email": False}, channel="email"), refuses({"consent_email": False}, channel="ads")
    (True, False)
    """
    gpc = known.get("gpc")
    if gpc is not None and _plain(gpc) in _YES:
        return True
    for name in (*consent, f"consent_{channel}"):
        said = known.get(name)
        if said is not None and name != "gpc" and _plain(said) in _NO:
            return True
    return False


def consented(decision: Decision, found: Delivery) -> Decision:
    """The decision as it may be given out: nobody who said no is anybody's member, and nothing is chosen for them."""
    if not found.refused:
        return decision
    return replace(decision, persona=UNMATCHED, persona_version=0, holdout=False, choices=())


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
        last = happened.get(cool_down.event)
        if last is not None and last <= moment < last + cool_down.lasts:
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


def _plain(found: object) -> object:
    return found.strip().lower() if isinstance(found, str) else found
