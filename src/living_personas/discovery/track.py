"""The same next week: candidates of one run recognised in the next, births confirmed, deaths noticed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.candidate import Candidate
from living_personas.domain.value import value

__all__ = ["CONFIRMED_AFTER", "GONE_AFTER", "RECOGNISED", "Stage", "Tracked", "follow", "overlap"]

Stage = Literal["new", "confirmed", "missing", "gone"]

RECOGNISED = 0.4
"""Members' Jaccard from which a candidate is the one of the last run."""

CONFIRMED_AFTER = 2
"""Runs in a row that must find a candidate before its birth is confirmed."""

GONE_AFTER = 2
"""Runs in a row that must miss it before it is gone."""


@value
class Tracked:
    """A candidate through the runs: as it was last found, how often it was found, and missed since.

    ``growth`` is its size over its size in the run before.
    """

    id: str
    candidate: Candidate
    found: int = 1
    missed: int = 0
    growth: float = 1.0

    @property
    def stage(self) -> Stage:
        """Where it stands in its life."""
        if self.missed >= GONE_AFTER:
            return "gone"
        if self.missed:
            return "missing"
        return "confirmed" if self.found >= CONFIRMED_AFTER else "new"


def follow(known: Sequence[Tracked], found: Sequence[Candidate], *, run: str) -> tuple[Tracked, ...]:
    """What is known after one more run.

    Parameters
    ----------
    known
        What was known before; those that are gone stay so, and what looks like one of them later is a birth.
    found
        The candidates of this run. Each is recognised as at most one that is known, the most alike pairs first: so when
        a segment splits, its larger part keeps the identity, and when two merge, the nearer one lives on.
    run
        A name of the run, such as its day, which begins the ids of what is born in it.
    """
    pairs = tuple(_pairs([each for each in known if each.stage != "gone"], found))
    again = {each.id: candidate for each, candidate in pairs}
    old = tuple(_after(each, again.get(each.id)) for each in known)
    recognised = {id(candidate) for _, candidate in pairs}
    born = [candidate for candidate in found if id(candidate) not in recognised]
    return (*old, *(Tracked(id=f"{run}-{number}", candidate=each) for number, each in enumerate(born, start=1)))


def overlap(one: pa.Table, other: pa.Table) -> float:
    """Jaccard index of two tables of members.

    >>> overlap(pa.table({"customer": ["a", "b"]}), pa.table({"customer": ["b", "c"]}))
    0.3333333333333333
    """
    shared = pc.sum(pc.is_in(one["customer"], value_set=other["customer"].combine_chunks())).as_py() or 0
    return float(shared / max(one.num_rows + other.num_rows - shared, 1))


def _pairs(known: Sequence[Tracked], found: Sequence[Candidate]) -> Iterator[tuple[Tracked, Candidate]]:
    alike = np.array([[overlap(each.candidate.members, candidate.members) for candidate in found] for each in known])
    while alike.size and alike.max() >= RECOGNISED:
        row, column = (int(place) for place in np.unravel_index(int(alike.argmax()), alike.shape))
        yield known[row], found[column]
        alike[row, :] = alike[:, column] = -1.0


def _after(each: Tracked, candidate: Candidate | None) -> Tracked:
    if each.stage == "gone":
        return each
    if candidate is None:
        return Tracked(
            id=each.id, candidate=each.candidate, found=each.found, missed=each.missed + 1, growth=each.growth
        )
    found = each.found + 1 if not each.missed or each.found >= CONFIRMED_AFTER else 1
    return Tracked(id=each.id, candidate=candidate, found=found, growth=candidate.size / max(each.candidate.size, 1))
