"""How far the forgetting of message ids is: a step of it, and where to go on."""

from __future__ import annotations

from datetime import date

from living_personas.domain.value import value

__all__ = ["ForgettingIds", "ForgottenIds"]


@value
class ForgottenIds:
    """One step: how many ids (``count``) are gone, and at which ``place``, of so many (``of``), to go on."""

    count: int
    place: int
    of: int

    @property
    def is_all(self) -> bool:
        """Whether there is no step more."""
        return self.place >= self.of


@value
class ForgettingIds:
    """Before which month the message ids that came are being forgotten, and the place at which to go on."""

    before: date
    place: int
