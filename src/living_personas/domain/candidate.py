"""A discovered segment that no persona explains, with everything that speaks for it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import pyarrow as pa

from living_personas.domain.meaning import Meaning
from living_personas.domain.value import value

__all__ = [
    "SAID_WELL",
    "Candidate",
    "Check",
    "Difference",
    "FirstTest",
    "FoundSegments",
    "Kind",
    "Rejected",
    "Scorecard",
    "Term",
    "Wording",
]

SAID_WELL = 0.7
"""The F1 from which a rule may stand for a segment, or say it to people."""

Kind: TypeAlias = Literal["count", "rate", "amount"]
"""What a column is."""


@value
class Check:
    """One question that the gate asked: what was measured, and the bar it had to reach.

    Examples
    --------
    >>> check = Check(name="valley", measured=0.7, bar=0.95, must="stay below", says="deepest gap to every neighbour")
    >>> check.passed
    True
    """

    name: str
    measured: float
    bar: float
    must: Literal["reach", "stay below"]
    says: str

    @property
    def passed(self) -> bool:
        """Whether the bar was reached, or not exceeded."""
        return self.measured >= self.bar if self.must == "reach" else self.measured <= self.bar


@value
class Difference:
    """How members differ from the nearest persona in one column.

    ``deviations`` is in standard deviations of the persona's ranks; ``members`` and ``persona`` are plain means (shares
    for a rate); ``silent`` says that nine in ten members have nothing there at all, ``means`` what it speaks of, if
    anybody said so.
    """

    column: str
    kind: Kind
    deviations: float
    members: float
    persona: float
    silent: bool
    means: Meaning | None = None


@value
class Term:
    """One number of the rule language and what it weighs."""

    expression: str
    weight: float


@value
class Scorecard:
    """Who belongs, as a weighted sum that is compared with nothing: members are those above 0."""

    intercept: float
    terms: tuple[Term, ...]

    @property
    def rule(self) -> str:
        """The scorecard in the rule language."""
        weighed = (
            f"{'-' if term.weight < 0 else '+'} {abs(term.weight):.6g} * {term.expression}" for term in self.terms
        )
        return f"{self.intercept:.6g} {' '.join(weighed)} > 0"


@value
class Wording:
    """A rule in the rule language, and how well it says who belongs: F1 on customers it was not made from."""

    rule: str
    f1: float


@value
class FirstTest:
    """What to try first on the members: one attribute, its options, and why."""

    attribute: str
    options: tuple[str, ...]
    why: str


@value
class Candidate:
    """A segment that is there: novel, real, sayable.

    ``members`` has one column ``customer``: those whom ``assignment``, the rule of its scorecard, holds.
    ``by_scorecard`` and ``explanation`` carry their own F1. ``returned`` counts the random splits, of ``splits``, in
    which both halves found it; the last of the ``checks``, those in which it passed all others. ``filed`` says under
    which personas its members were filed, and ``review`` why a person must look first. ``first_test`` is None where
    nobody declared what the columns mean, or where it may not be people.
    """

    name: str
    size: int
    share: float
    members: pa.Table
    scorecard: Scorecard
    by_scorecard: Wording
    explanation: Wording
    assignment: str
    nearest: str
    differences: tuple[Difference, ...]
    checks: tuple[Check, ...]
    returned: int
    splits: int
    filed: tuple[tuple[str, float], ...]
    first_test: FirstTest | None
    review: tuple[str, ...] = ()

    def check(self, name: str) -> float:
        """What was measured for the check of that name."""
        return next(check.measured for check in self.checks if check.name == name)


@value
class Rejected:
    """A group that was looked at and not published, and the first thing that spoke against it."""

    name: str
    share: float
    nearest: str
    why: Check
    seen: int


@value
class FoundSegments:
    """What a search came to: the candidates, what was rejected and why, how many customers were looked at.

    Nothing found is a good answer.
    """

    candidates: tuple[Candidate, ...]
    rejected: tuple[Rejected, ...]
    looked_at: int
    splits: int
