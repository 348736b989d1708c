"""Who acts on a workspace: a person, when, and on behalf of which worker."""

from __future__ import annotations

from datetime import datetime

from living_personas.domain.legible import blemish
from living_personas.domain.value import value
from living_personas.errors import InvalidDecisionError
from living_personas.refining.apply import EVIDENCE

__all__ = ["LEASE_SECONDS", "NOBODY", "Person"]

LEASE_SECONDS = 300.0
"""For how long a person's act may hold the workspace."""

NOBODY = ("", EVIDENCE, "workshop")
"""Names that a version uses where no person decided."""


@value
class Person:
    """Who acts, when, and on behalf of which worker.

    ``by`` is what is written down. ``account`` is who it is where two people are needed; empty means ``by``.
    """

    by: str
    now: datetime
    owner: str
    account: str = ""

    def __post_init__(self) -> None:
        if self.by.strip() in NOBODY or blemish(self.by):
            raise InvalidDecisionError(f"{self.by!r} is not the name of a person.", hint="say who decides.")

    @property
    def who(self) -> str:
        """The account that acts, without the name it acts for."""
        return self.account or self.by
