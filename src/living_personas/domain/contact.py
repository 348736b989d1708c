"""When a customer may be contacted: caps, cool-downs, quiet hours, consent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Literal

from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError

__all__ = ["CONSENT", "TIME_ZONE", "Cap", "ContactPolicy", "Contacted", "CoolDown", "Delivery", "QuietHours", "WhyHeld"]

CONSENT = ("gpc", "consent", "consent_personalisation", "consent_marketing")
"""Traits that speak for every channel; ``consent_<channel>`` speaks for one."""

TIME_ZONE = "time_zone"
"""The trait that says which clock a customer lives by."""

WhyHeld = Literal["", "no consent", "cool-down", "cap", "quiet hours"]


@value
class Cap:
    """At most ``most`` contacts, over all channels of the policy, in any stretch of time as long as ``within``."""

    most: int
    within: timedelta


@value
class CoolDown:
    """No contact for so long after an event."""

    event: str
    lasts: timedelta


@value
class QuietHours:
    """The hours of the customer's clock in which nothing is delivered; ``ends`` before ``begins`` is over midnight."""

    begins: time
    ends: time

    def __post_init__(self) -> None:
        if self.begins == self.ends:
            raise InvalidSettingsError(
                f"Quiet hours begin and end at {self.begins:%H:%M}.",
                hint="write two different times, such as `{from: '21:00', to: '08:00'}`.",
            )

    def hold(self, clock: time) -> bool:
        """Whether nothing is delivered at this time of day."""
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


@value
class ContactPolicy:
    """When customers may be contacted on ``channels``; other channels are asked for by customers, and always answer.

    ``consent`` are the traits that say no when they are false (``gpc`` when it is true).
    """

    channels: tuple[str, ...] = ()
    caps: tuple[Cap, ...] = ()
    cool_downs: tuple[CoolDown, ...] = ()
    quiet_hours: QuietHours | None = None
    consent: tuple[str, ...] = CONSENT

    @property
    def reach(self) -> timedelta:
        """How far back contacts and events matter."""
        spans = [cap.within for cap in self.caps] + [each.lasts for each in self.cool_downs]
        return max(spans, default=timedelta(0))


@value
class Contacted:
    """What a customer lately met on the policy's channels, and when each event with a cool-down happened."""

    met: tuple[datetime, ...] = ()
    happened: Mapping[str, tuple[datetime, ...]] | None = None


@value
class Delivery:
    """Whether a decision may be delivered now; else why not, and until when it is held (None: not by waiting).

    Held, the decision stands and is evaluated again. With ``refused`` the customer said no: nothing is decided for it,
    and nothing is learned from it.
    """

    deliver: bool
    reason: WhyHeld = ""
    hold_until: datetime | None = None

    @property
    def refused(self) -> bool:
        """Whether the customer said no."""
        return self.reason == "no consent"
