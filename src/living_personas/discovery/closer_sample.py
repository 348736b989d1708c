"""A second look at what was sighted among too few: more of those who are filed as its members are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.stability import Group
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["ClosestLook", "closer", "sighted"]

AROUND = 2 / 3
"""The share of the second sample that is filed as the members of what was sighted."""

WORTH = 1.3
"""How many times as many of them there must be in it as in the first, or it is no better."""

_MOST_OF_THEM = 0.7
_LAST_CHECKS = ("certainty", "valley", "auc")
"""What a group must have come to before it is worth a second look: it is of a size, and other than the personas."""


@value
class ClosestLook:
    """Some customers, and for how many of all each of them stands."""

    rows: Ints
    weight: Floats


def sighted(published: Sequence[Group], passing: Sequence[Group], failing: Sequence[Group]) -> Group | None:
    """What came nearest to being published and was not, if anything came near."""
    near = [group for group in passing if not any(group is other for other in published)]
    far = [group for group in failing if any(each.checks[-1].name in _LAST_CHECKS for each in group.sightings)]
    every = sorted(near, key=lambda group: -group.returned) + sorted(far, key=lambda group: -group.returned)
    return every[0] if every else None


def closer(everybody: Sheet, members: Bools, *, size: int, rng: np.random.Generator) -> ClosestLook | None:
    """A sample in which there are more of those who are filed where most of the members are; None if it is no better.

    It is drawn by who is filed where alone: one drawn by what customers do would have an edge there, and a cut crowd
    looks like two.
    """
    hosts = _hosts(everybody.filed[members])
    around = np.isin(everybody.filed, hosts)
    inside = int(min(around.sum(), AROUND * size))
    outside = int(min((~around).sum(), size - inside))
    share = inside / max(inside + outside, 1)
    if share < WORTH * around.mean():
        return None
    drawn = [rng.permutation(np.flatnonzero(where))[:many] for where, many in ((around, inside), (~around, outside))]
    rows = np.sort(np.concatenate(drawn))
    weight = np.where(around[rows], around.sum() / max(inside, 1), (~around).sum() / max(outside, 1))
    return ClosestLook(rows=rows, weight=np.asarray(weight / weight.mean(), dtype=np.float64))


def _hosts(filed: Ints) -> Ints:
    """The fewest groups that most of them are filed in."""
    values, counts = np.unique(filed, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    enough = int(np.searchsorted(np.cumsum(counts[order]), _MOST_OF_THEM * len(filed))) + 1
    return np.asarray(values[order[:enough]], dtype=np.int64)
