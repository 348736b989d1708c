"""What comes back: a group is published only if most random splits find it again, and it passes the gate in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import mode

import numpy as np

from living_personas.discovery.segment_gate import SAME, jaccards
from living_personas.discovery.version import NONE
from living_personas.domain.candidate import Check
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["FIRST", "PASSED", "SEEN", "SPLITS", "Group", "Judged", "grouped", "one_kind_each", "settled"]

SPLITS, SEEN, PASSED = 10, 7, 6
"""Random splits, those in which both halves must find a group, and those in which it must pass the gate besides."""

FIRST = 3
"""Splits after which nobody looks further if nothing passed in any of them."""


@value
class Judged:
    """A sighting and what the gate said of it; ``kind`` is as a sighting's."""

    members: Bools
    checks: tuple[Check, ...]
    kind: int = NONE

    @property
    def passed(self) -> bool:
        """Whether every check was passed."""
        return self.checks[-1].passed


@value
class Group:
    """The same group in several splits, at most once in each, with those whom most of the sightings hold."""

    sightings: tuple[Judged, ...]
    members: Bools

    @property
    def returned(self) -> int:
        """The number of splits in which both halves found it."""
        return len(self.sightings)

    @property
    def passed(self) -> int:
        """The number of splits in which it passed the gate."""
        return sum(each.passed for each in self.sightings)

    @property
    def stands(self) -> bool:
        """Whether it is found, and passes, as often as it must."""
        return self.within(0)

    def within(self, left: int) -> bool:
        """Whether it could stand yet after so many splits more."""
        return self.returned + left >= SEEN and self.passed + left >= PASSED

    @property
    def kind(self) -> int:
        """The persona of whose customers it is one of several kinds in most splits, or ``NONE``."""
        return mode(each.kind for each in self.sightings)

    def checks(self) -> tuple[Check, ...]:
        """Each check at its median over the splits that came to it."""
        furthest = max((each.checks for each in self.sightings), key=len)
        measured = (
            [each.checks[place].measured for each in self.sightings if len(each.checks) > place]
            for place in range(len(furthest))
        )
        return tuple(
            replace(check, measured=float(np.median(each))) for check, each in zip(furthest, measured, strict=True)
        )


def grouped(splits: Sequence[Sequence[Judged]]) -> list[Group]:
    """Sightings of all splits that are of the same group, the most often seen first; no sighting is in two groups."""
    every = [each for split in splits for each in split]
    of = np.repeat(np.arange(len(splits)), [len(split) for split in splits])
    alike = jaccards([each.members for each in every])
    rest = np.ones(len(every), dtype=np.bool_)
    groups: list[Group] = []
    while rest.any():
        around = max((_around(alike[middle], of, rest) for middle in np.flatnonzero(rest)), key=len)
        same = tuple(every[place] for place in around)
        members = np.asarray(np.mean([each.members for each in same], axis=0) >= 0.5, dtype=np.bool_)
        groups.append(Group(sightings=same, members=members))
        rest[around] = False
    return groups


def one_kind_each(groups: Sequence[Group]) -> list[Group]:
    """Without the groups that are what is left of a persona of which another one, that stands further apart, is a kind.

    A persona that is two kinds of customers is told by one of them: the other is what the persona then is.
    """
    furthest = {group.kind: group for group in sorted(groups, key=_valley, reverse=True)}
    return [group for group in groups if group.kind == NONE or furthest[group.kind] is group]


def settled(splits: Sequence[Sequence[Judged]]) -> bool:
    """Whether nobody looks further: no split more can change what is published, or nothing passed in the first ones."""
    left = SPLITS - len(splits)
    if len(splits) < FIRST or left == 0:
        return left == 0
    if not any(each.passed for split in splits[:FIRST] for each in split):
        return True
    return left < SEEN and all(group.stands or not group.within(left) for group in grouped(splits))


def _around(alike: Floats, of: Ints, rest: Bools) -> list[int]:
    """Of each split the sighting that is most like the one that all are compared with, if it is the same."""
    same = np.flatnonzero(rest & (alike >= SAME))
    return [int(max(same[of[same] == split], key=lambda place: alike[place])) for split in np.unique(of[same])]


def _valley(group: Group) -> float:
    return next((check.measured for check in group.checks() if check.name == "valley"), 1.0)
