"""A candidate on its way: found, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from living_personas.domain.candidate import SAID_WELL
from living_personas.domain.file_text import FileText
from living_personas.domain.response import Responses
from living_personas.domain.value import value

__all__ = ["LifeEvent", "LifeKind", "Segment", "SegmentState"]

SegmentState = Literal["open", "adopted", "dismissed", "gone"]
"""``gone``: it waited for a person, and was not found any more."""

LifeKind = Literal[
    "confirmed",
    "resized",
    "drifted",
    "split",
    "merged",
    "missing",
    "gone",
    "returned",
    "adopted",
    "undone",
    "dismissed",
    "reopened",
    "renamed",
]
"""What can happen to a segment after its first sighting."""


@value
class LifeEvent:
    """Something that happened to a segment on a day: its share of all customers then, and the ``other`` segment in it.

    ``share_before`` is the share when something was last told of it. Of a split, the other is the part or the whole; of
    a merger, the one that it became, or that became it; where it was adopted or that was undone, the persona;
    where it was renamed, what it was called until then.
    ``by`` says who decided: people, at the moment ``at``, and of adoptions evidence, too.
    """

    day: date
    kind: LifeKind
    share: float
    share_before: float
    other: str = ""
    by: str = ""
    at: datetime | None = None


@value
class Segment:
    """What is kept of a candidate: its rule, proof and first test, when it was seen, and what became of it.

    ``who`` is the rule by which it would be adopted, with its own F1 against those who were found; ``proof`` the
    checks that it passed, in words. ``attribute`` and ``options`` are its first test, if there is one. ``review`` says
    why a person must look first, whatever the autonomy.
    ``responses`` is how its members answered when it was last seen; None if that was never asked. ``since`` is the day
    from which every search has found it (None: ``first_seen``), or on which a person opened it again,
    ``missing_since`` that of the first search that did not find it any more, and ``life`` what happened to it, the
    oldest first. ``file`` is what adopting it, or undoing that, does to the persona's file, and ``file_waits`` whether
    that may still have to be done.
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
    since: date | None = None
    missing_since: date | None = None
    life: tuple[LifeEvent, ...] = ()
    file: FileText | None = None
    file_waits: bool = False

    @property
    def of(self) -> int:
        """How many customers there were when it was last seen: those of whom it is a share."""
        return round(self.size / self.share) if self.share else 0

    @property
    def in_words(self) -> str:
        """Its explanation, or that no short rule says it well enough."""
        if self.explanation_f1 >= SAID_WELL:
            return self.explanation
        return f"no short rule says it well (the best has an F1 of {self.explanation_f1:.2f}); its scorecard does"
