"""A candidate on its way: found, and what became of it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from living_personas.domain.candidate import SAID_WELL
from living_personas.domain.response import Responses
from living_personas.domain.value import value

__all__ = ["Segment", "SegmentState"]

SegmentState = Literal["open", "adopted", "dismissed"]


@value
class Segment:
    """What is kept of a candidate: its rule, proof and first test, when it was seen, and what became of it.

    ``who`` is the rule by which it would be adopted, with its own F1 against those who were found; ``proof`` the
    checks that it passed, in words. ``attribute`` and ``options`` are its first test, if there is one. ``review`` says
    why a person must look first, whatever the autonomy.
    ``responses`` is how its members answered when it was last seen; None if that was never asked.
    """

    id: str
    name: str
    state: SegmentState
    first_seen: date
    last_seen: date
    size: int
    share: float
    nearest: str
    who: str
    f1: float
    explanation: str
    explanation_f1: float
    returned: int
    splits: int
    differs: tuple[str, ...]
    proof: tuple[str, ...]
    attribute: str
    options: tuple[str, ...]
    why: str
    review: tuple[str, ...] = ()
    responses: Responses | None = None
    persona: str = ""
    decided_by: str = ""

    @property
    def in_words(self) -> str:
        """Its explanation, or that no short rule says it well enough."""
        if self.explanation_f1 >= SAID_WELL:
            return self.explanation
        return f"no short rule says it well (the best has an F1 of {self.explanation_f1:.2f}); its scorecard does"
