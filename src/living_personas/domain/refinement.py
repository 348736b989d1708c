"""A change is a value before it is an effect."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from living_personas.domain.belief import EffectDays, Interval, Subject
from living_personas.domain.split import Split
from living_personas.domain.value import value

__all__ = ["LATE_DATA", "Grade", "Refinement", "RefinementKind", "Reopening", "ReviewState", "Verdict"]

RefinementKind = Literal["correct", "confirm", "measure", "restore", "undo", "split", "merge"]
Grade = Literal["proven", "not yet known to be worth it", "real but small", "measured", "observational"]
Verdict = Literal["apply", "review", "hold"]
ReviewState = Literal["open", "approved", "rejected"]

LATE_DATA = "late data took the proof away"
"""Why a correction is to be undone: the words for it everywhere."""


@value
class Reopening:
    """That a change which ``rejected_by`` had turned down was opened again: by whom, and when."""

    rejected_by: str
    by: str
    at: datetime


@value
class Refinement:
    """A proposed change of a persona: old, new, the evidence and what was judged of it.

    ``wealth`` is the account that decided (at least 1/alpha for *correct*, *confirm* and *restore*; None where an
    interval decided); ``units`` those that it had counted; ``effect`` the difference of means new - old (for
    *confirm*: to ``rival``, the runner-up) with its interval, over the days ``over``; ``at_least_times`` the lower
    bound of how many times as good as ``old`` the new value is (None where none was reckoned). ``bar`` is what the
    account had to hold, ``through`` the last day whose units it had played (None where it did not decide). ``at``
    is the moment at which a person last acted on it: proposed, approved or rejected. ``split`` says of a *split*
    whom ``new`` would be for: all others keep ``old``; a *merge* takes such a part back. ``unit`` is that of a
    measured trait. ``reopened`` says how often it was rejected and opened again, the oldest first. ``id`` is made of
    subject, kind, new value and definition, so proposing again is the same proposal.
    """

    id: str
    kind: RefinementKind
    subject: Subject
    version: int
    old: str
    new: str
    effect: Interval | None
    units: int
    wealth: float | None
    grade: Grade
    day: date
    verdict: Verdict
    why: str
    review: ReviewState | None = None
    decided_by: str = ""
    over: EffectDays | None = None
    at_least_times: float | None = None
    bar: float | None = None
    through: date | None = None
    at: datetime | None = None
    split: Split | None = None
    rival: str = ""
    unit: str = ""
    reopened: tuple[Reopening, ...] = ()

    @property
    def behind(self) -> int:
        """The units that its effect is of; all that were counted while none is known, or its days are not."""
        return self.over.units if self.effect is not None and self.over is not None else self.units

    def __str__(self) -> str:
        effect = self.effect
        known = (
            f"{effect.estimate:+.4g} [{effect.lower:+.4g}, {effect.upper:+.4g}]" if effect else "effect not yet known"
        )
        return (
            f"{self.subject}: {self.kind} {self.old!r} -> {self.new!r}, {known}, {self.behind:,} units, {self.verdict}"
        )
