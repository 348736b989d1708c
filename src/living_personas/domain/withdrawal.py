"""What was taken back and must stay so, whatever older state of a workspace comes back."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from living_personas.domain.customer_id import canonical_id
from living_personas.domain.value import value

__all__ = ["Withdrawal", "Withdrawn", "hidden_id", "unlisted"]

Withdrawn = Literal["consent", "key", "person", "erased", "lifted"]
"""A customer's yes, a key of the service, the account of somebody who works here, or an id that was erased, which
``lifted`` lets back."""


@value
class Withdrawal:
    """One thing that was taken back at ``time``.

    ``id`` is the digest of a key, the name of a person, a customer's ``hidden_id``, or, of one who was erased, the mark
    (``tombstone_of``). ``name`` is that of a consent, or ``main`` of the mark of an id that the customer was known by.
    """

    kind: Withdrawn
    id: str
    time: datetime
    name: str = ""


def hidden_id(salt: str, customer: str) -> str:
    """A text that stands for a customer in lists that outlive it: whoever has the id finds it, nobody else the id.

    >>> hidden_id("salt", "Ann@example.com") == hidden_id("salt", "ann@example.com")
    True
    """
    return hmac.digest(salt.encode(), f"withdrawn {canonical_id(customer)}".encode(), "sha256").hex()


def unlisted(_rows: Sequence[Withdrawal]) -> None:
    """A list that nobody keeps: what is in memory alone never comes back."""
