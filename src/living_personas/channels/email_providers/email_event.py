"""What a provider says of one mail, in one form for all of them, and what became of a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from living_personas.domain.event import Event, Quarantined
from living_personas.domain.value import value

__all__ = ["EmailEvent", "Read", "Said"]

EmailEvent = Literal[
    "Email Delivered",
    "Email Opened",
    "Email Link Clicked",
    "Email Bounced",
    "Email Marked as Spam",
    "Unsubscribed",
]
"""Segment's names for what becomes of a mail."""


@value
class Said:
    """One thing that happened to one mail, as its provider tells it.

    ``key`` is what makes it unique for the provider; ``time`` is as it was sent (seconds since 1970 or ISO 8601).
    ``given`` is what the sender put into the mail: ids of the customer and the decision. ``machine`` is the provider's
    own verdict.
    """

    name: EmailEvent
    key: str
    address: str
    time: object
    given: Mapping[str, object]
    mail: str = ""
    agent: str = ""
    ip: str = ""
    link: str = ""
    reason: str = ""
    machine: bool = False


@value
class Read:
    """What a body held: ``received`` = events + refusals + passed.

    ``refusals`` go to quarantine. ``passed`` are kinds of what says nothing about a customer, such as ``processed``.
    ``confirm`` is an address to call, once, so that the provider goes on (Amazon's subscriptions).
    """

    events: tuple[Event, ...] = ()
    refusals: tuple[Quarantined, ...] = ()
    passed: tuple[str, ...] = ()
    confirm: str = ""

    @property
    def received(self) -> int:
        """How many things the body said."""
        return len(self.events) + len(self.refusals) + len(self.passed)
