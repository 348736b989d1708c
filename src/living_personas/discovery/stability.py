"""What comes back: a group is published only if most random splits find it again."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mode

import numpy as np

from living_personas.discovery.segment_gate import SAME, jaccard
from living_personas.discovery.version import NONE
from living_personas.domain.candidate import Check
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools

__all__ = ["NEEDED", "SPLITS", "Group", "Judged", "grouped", "one_kind_each", "settled"]

SPLITS = 10
NEEDED = 8
"""Splits, of ten, in which a group must pass the gate."""


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
        """The number of splits in which it was seen."""
        return len(self.sightings)

    @property
    def kind(self) -> int:
        """The persona of whose customers it is one of several kinds in most splits, or ``NONE``."""
        return mode(each.kind for each in self.sightings)

    def checks(self) -> tuple[Check, ...]:
        """Each check at its median over the splits."""
        by_split = [each.checks for each in self.sightings]
        medians = (float(np.median([split[place].measured for split in by_split])) for place in range(len(by_split[0])))
        return tuple(
            Check(name=check.name, measured=median, bar=check.bar, must=check.must, says=check.says)
            for check, median in zip(by_split[0], medians, strict=True)
        )


def grouped(splits: Sequence[Sequence[Judged]]) -> list[Group]:
    """Sightings of all splits that are of the same group, the most often seen first; no sighting is in two groups."""
    rest = [list(split) for split in splits]
    groups: list[Group] = []
    while any(rest):
        around = max((_around(middle, rest) for split in rest for middle in split), key=_strength)
        same = tuple(each for each in around if each is not None)
        members = np.asarray(np.mean([each.members for each in same], axis=0) >= 0.5, dtype=np.bool_)
        groups.append(Group(sightings=same, members=members))
        taken = {id(each) for each in same}
        rest = [[each for each in split if id(each) not in taken] for split in rest]
    return groups


def one_kind_each(groups: Sequence[Group]) -> list[Group]:
    """Without the groups that are what is left of a persona of which another one, that stands further apart, is a kind.

    A persona that is two kinds of customers is told by one of them: the other is what the persona then is.
    """
    furthest = {group.kind: group for group in sorted(groups, key=_valley, reverse=True)}
    return [group for group in groups if group.kind == NONE or furthest[group.kind] is group]


def settled(splits: Sequence[Sequence[Judged]], *, of: int, needed: int) -> bool:
    """Whether further splits cannot change what will be published."""
    left = of - len(splits)
    counts = [group.returned for group in grouped(splits)]
    return left == 0 or (left < needed and all(count >= needed or count + left < needed for count in counts))


def _around(middle: Judged, splits: Sequence[Sequence[Judged]]) -> list[Judged | None]:
    """In each split the sighting that is most like the middle one, if it is the same."""
    nearest = (max(split, key=lambda each: jaccard(each.members, middle.members), default=None) for split in splits)
    return [each if each is not None and jaccard(each.members, middle.members) >= SAME else None for each in nearest]


def _strength(around: Sequence[Judged | None]) -> int:
    return sum(each is not None for each in around)


def _valley(group: Group) -> float:
    return next((check.measured for check in group.checks() if check.name == "valley"), 1.0)
