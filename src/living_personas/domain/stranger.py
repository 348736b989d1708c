"""What anybody may send: the key in a page's source proves nothing of who sends, or of whom it speaks."""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

from living_personas.domain.customer_id import canonical_id

__all__ = ["UNVOUCHED", "Asker", "Standing", "agent_id", "browser_id", "is_browser_id", "said_id", "stranger_id"]

_SPACE = "browser:"
"""What the message ids of browsers begin with, and the ids of strangers: no key of a page reaches any other."""

Asker = Literal["server", "verified", "browser"]
"""Who asks, or reports: a server's key; a browser that proved for whom it speaks; any other browser."""

Standing = Literal["server", "verified", "known", "visitor"]
"""What a decision rests on: a server asked, or a browser that proved for whom it speaks; or a browser asked about a
customer whom a server had named, or about a visitor."""

UNVOUCHED: tuple[Standing, ...] = ("known", "visitor")
"""The standings of decisions whose exposures are worth what a browser's word is."""


def browser_id(message_id: str) -> str:
    """The id of a browser's message, in a space of its own: one that a server uses, too, is another message.

    >>> browser_id("m1"), browser_id(browser_id("m1"))
    ('browser:m1', 'browser:browser:m1')
    """
    return _SPACE + message_id


def agent_id(message_id: str) -> str:
    """The id of a message that an agent wrote, in a space of its own: it never takes the place of a server's.

    >>> agent_id("m1")
    'agent:m1'
    """
    return "agent:" + message_id


def is_browser_id(message_id: str) -> bool:
    """Whether a message id is one of a browser's."""
    return message_id.startswith(_SPACE)


def said_id(message_id: str) -> str:
    """The message id as whoever sent it said it.

    >>> said_id(browser_id("m1")), said_id("m1")
    ('m1', 'm1')
    """
    return message_id.removeprefix(_SPACE)


def stranger_id(customer: str) -> str:
    """The id under which a browser is known that names a customer and proves nothing: the same for each spelling.

    It does not hold the customer's id, and nobody's history, persona or consent belongs to it.
    """
    return _SPACE + blake2b(canonical_id(customer).encode(), digest_size=12).hexdigest()
