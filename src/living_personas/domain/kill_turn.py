"""A turn of the kill switch: on or off, by whom and when."""

from __future__ import annotations

from datetime import datetime

from living_personas.domain.value import value

__all__ = ["KillTurn"]


@value
class KillTurn:
    """Somebody held everything (``on``), or let evidence go on."""

    on: bool
    by: str
    at: datetime
