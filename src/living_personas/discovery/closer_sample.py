"""A second look at what was sighted among too few: more of those who are filed as its members are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.stability import Group
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["Draw", "Look", "closer", "sighted"]

AROUND = 2 / 3
"""The share of the second sample that is filed as the members of what was sighted."""

WORTH = 1.3
"""How many times as many of them there must be in it as in the first, or it is no better."""

_MOST_OF_THEM = 0.7
_LAST_CHECKS = ("certainty", "valley", "auc")
"""What a group must have come to before it is worth a second look: it is of a size, and other than the personas."""


@value
class Look:
    """Some customers, and for how many of all each of them stands."""

    sheet: Sheet
    weight: Floats


def sighted(groups: Sequence[Group]) -> Group | None:
    """What came nearest to being published and was not, if anything came near: what passed and returned most often."""
    near = (group for group in groups if not group.stands and _came_far(group))
    return max(near, key=lambda group: (group.passed, group.returned), default=None)


def _came_far(group: Group) -> bool:
    return any(each.checks[-1].name in _LAST_CHECKS for each in group.sightings)


@value
class Draw:
    """How many customers of a closer sample are filed under ``hosts``, and under others; and what each stands for."""

    hosts: Ints
    inside: int
    outside: int
    weight: float
    weight_outside: float

    def look(self, rows: Sheet, around: Bools) -> Look:
        """The customers that were drawn, of whom those ``around`` are filed under the hosts."""
        weight = np.where(around, self.weight, self.weight_outside)
        return Look(sheet=rows, weight=np.asarray(weight / weight.mean(), dtype=np.float64))


def closer(held: Ints, everybody: Ints, *, size: int) -> Draw | None:
    """A sample in which there are more of those who are filed where most of the members are; None if it is no better.

    It is drawn by who is filed where alone: one drawn by what customers do would have an edge there, and a cut crowd
    looks like two.

    Parameters
    ----------
    held, everybody
        How many members, and customers, are filed under each persona; the last are nobody's.
    """
    hosts = _hosts(held)
    around = int(everybody[hosts].sum())
    others = int(everybody.sum()) - around
    inside = int(min(around, AROUND * size))
    outside = int(min(others, size - inside))
    if inside / max(inside + outside, 1) < WORTH * (around / max(around + others, 1)):
        return None
    return Draw(
        hosts=hosts,
        inside=inside,
        outside=outside,
        weight=around / max(inside, 1),
        weight_outside=others / max(outside, 1),
    )


def _hosts(held: Ints) -> Ints:
    """The fewest groups that most of them are filed in; of as many, nobody's first."""
    places = np.roll(np.arange(len(held)), 1)
    order = places[np.argsort(-held[places], kind="stable")]
    enough = int(np.searchsorted(np.cumsum(held[order]), _MOST_OF_THEM * held.sum())) + 1
    return np.asarray(order[:enough], dtype=np.int64)
