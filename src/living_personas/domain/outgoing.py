"""A change on its way to somebody who asked to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from living_personas.domain.value import value

__all__ = ["Outgoing", "OutgoingState"]

OutgoingState = Literal["waiting", "delivered", "dead"]


@value
class Outgoing:
    """A body for one address: ``id`` stays the same however often it is tried; ``due`` is when it is tried next.

    ``place`` is its place among the changes that were collected with it, in order of time.
    """

    key: str
    id: str
    name: str
    url: str
    secret_env: str
    body: str
    due: datetime
    tries: int = 0
    state: OutgoingState = "waiting"
    failure: str = ""
    place: int = 0
