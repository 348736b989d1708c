"""One stream: what customers did or met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from living_personas.domain.value import value

__all__ = [
    "AGENT",
    "ALIAS",
    "BROWSER",
    "DECIDED_ON",
    "EXPOSED",
    "IDENTIFY",
    "MACHINE_EVENTS",
    "SENT_FROM",
    "STANDING",
    "UNLINK",
    "Event",
    "Exposure",
    "Json",
    "QuarantineReason",
    "Quarantined",
    "Receipt",
]

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

EXPOSED = "Persona Exposed"
"""The name of an event that carries a decision."""
IDENTIFY = "identify"
"""The name of an event whose properties are traits of the customer."""
ALIAS = "alias"
"""The name of an event that says two ids are one customer."""

UNLINK = "$unlink"
"""The name of an event that takes back that two ids are one customer."""

DECIDED_ON = "decided_on"
"""The property of an exposure that a browser sent: the day of its decision in the workspace's time zone."""

STANDING = "token"
"""The property of an exposure that a browser sent: what its decision rests on (``stranger.Standing``)."""

SENT_FROM, BROWSER = "sent_from", "browser"
"""The property, and its value, of an event that came with a key which every visitor of a page can read."""

AGENT = "agent"
"""The value of ``SENT_FROM`` of an event that an agent recorded: a model says that it happened."""

MACHINE_EVENTS: Mapping[str, str] = {
    "Email Opened": "Email Opened By Machine",
    "Email Link Clicked": "Email Link Clicked By Machine",
}
"""What an open or a click is called when a proxy, a filter or a robot did it: never a customer's doing."""

QuarantineReason = Literal[
    "missing customer",
    "bad customer",
    "missing time",
    "bad time",
    "missing name",
    "bad number",
    "bad option",
    "bad propensity",
    "bad properties",
    "bad token",
    "unreadable row",
    "too large",
    "too late",
    "missing message id",
]


@value
class Exposure:
    """One option that one customer met: what an exposure event carries, once for each attribute.

    ``persona`` may be empty: then the personas' rules say who it was. ``policy`` names the table of shares the option
    was drawn from; empty means the shares are unknown, so the exposure is observational. ``epoch`` tells apart the
    occasions on which the same customer was assigned anew. ``stratum`` is the campaign or test it belongs to.
    """

    attribute: str
    option: str
    persona: str = ""
    policy: str = ""
    epoch: str = ""
    stratum: str = ""
    propensity: float | None = None
    decision_id: str = ""
    holdout: bool = False


@value
class Event:
    """One thing a customer did or met.

    ``customer`` is a known id, or an anonymous one if nothing better is known. ``also`` is a second id that this event
    shows to be the same customer (an anonymous id beside a known one, or the two sides of an alias). ``proven`` says
    that the browser which sent it proved that it speaks for the customer; it is not kept.
    """

    message_id: str
    customer: str
    name: str
    time: datetime
    also: str = ""
    channel: str = ""
    properties: Mapping[str, Json] | None = None
    exposures: tuple[Exposure, ...] = ()
    proven: bool = False


@value
class Quarantined:
    """A row that could not be recorded, kept whole so that it can be mended and replayed."""

    source: str
    row: int
    reason: QuarantineReason
    detail: str
    payload: str
    message_id: str = ""


@value
class Receipt:
    """What became of what was received; the fates always add up to ``received``.

    A row may be several events, or none; ``rows`` is how many of a file, frame or table were read, 0 where what came
    are events; ``headers`` are lines of a file that repeat its header, and are no rows. Only what comes of customers
    who were erased is ``refused`` one by one: whatever else is, is never received.
    """

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    refused: int = 0
    rows: int = field(default=0, compare=False)
    headers: int = field(default=0, compare=False)

    def __add__(self, other: Receipt) -> Receipt:
        return Receipt(
            received=self.received + other.received,
            stored=self.stored + other.stored,
            duplicate=self.duplicate + other.duplicate,
            quarantined=self.quarantined + other.quarantined,
            refused=self.refused + other.refused,
            rows=self.rows + other.rows,
            headers=self.headers + other.headers,
        )

    @property
    def balanced(self) -> bool:
        """Whether received = stored + duplicate + quarantined + refused."""
        return self.received == self.stored + self.duplicate + self.quarantined + self.refused
