"""The same next week: the groups of one search recognised in the next, one to one, with what split and what merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import linear_sum_assignment

from living_personas.domain.value import value
from living_personas.stats.arrays import Floats

__all__ = ["RECOGNISED", "Kinship", "kinship", "overlap"]

RECOGNISED = 0.4
"""Members' Jaccard from which a group is the one of the last search."""

MOSTLY, SOME = 0.5, 0.2
"""The share of its members from which a group came out of others, or went into them, and that of each of these."""


@value
class Kinship:
    """How the groups of a search descend from those that were known, by their places.

    ``same`` names the known group that each found one is; ``parts`` the known ones that a new group was a part of, and
    ``merged`` the found ones in which most members of a known one are, that is not found.
    """

    same: Mapping[int, int]
    parts: Mapping[int, tuple[int, ...]]
    merged: Mapping[int, tuple[int, ...]]


def kinship(
    known: Sequence[pa.Table],
    found: Sequence[pa.Table],
    *,
    left: Sequence[pa.Table] = (),
    ended: Collection[int] = (),
) -> Kinship:
    """How the members of found groups descend from known ones; each table has a column ``customer``.

    Each found group is at most one known group, and each known one at most one found: of all ways to pair those that
    are alike enough, the one with the largest sum of Jaccard indices. So of a segment that splits the part that is most
    like it keeps the identity, and of two that merge the nearer one lives on. Where none is like it, a segment has
    split if several came out of it, and several have merged if they went into one.

    ``left`` are those who were members of each known group until lately: a part is often found some searches after it
    went. ``ended`` are the known groups that nobody looks for any more.
    """
    if not known or not found:
        return Kinship(same={}, parts={}, merged={})
    both = _counted(known, found)
    before, after = (np.array([each.num_rows for each in tables], dtype=np.float64) for tables in (known, found))
    alike = both / np.maximum(before[:, None] + after - both, 1)
    same = _paired(np.where(alike >= RECOGNISED, alike, 0.0))
    living = {*same.values()}
    lost = [place for place in range(len(known)) if place not in living and place not in ended]
    new = [place for place in range(len(found)) if place not in same]
    once = both + _counted(left, found) if left else both
    return Kinship(
        same=same,
        parts=_descent(new, (once / np.maximum(after, 1)).T, living=living, perhaps=lost),
        merged=_descent(lost, both / np.maximum(before[:, None], 1), living={*same}, perhaps=new),
    )


def _descent(
    groups: Sequence[int], shares: Floats, *, living: Collection[int], perhaps: Collection[int]
) -> dict[int, tuple[int, ...]]:
    """Of each group the others that together hold most of it: those that are living, or that hold several groups."""
    of: dict[int, list[int]] = {}
    for group in groups:
        some = [other for other in (*living, *perhaps) if shares[group, other] >= SOME]
        if shares[group, some].sum() >= MOSTLY:
            of[group] = some
    often = Counter(other for some in of.values() for other in some)
    kept = {group: tuple(sorted(o for o in some if o in living or often[o] > 1)) for group, some in of.items()}
    return {group: some for group, some in kept.items() if some}


def overlap(one: pa.Table, other: pa.Table) -> float:
    """Jaccard index of two tables of members.

    >>> overlap(pa.table({"customer": ["a", "b"]}), pa.table({"customer": ["b", "c"]}))
    0.3333333333333333
    """
    shared = _shared(one, other)
    return float(shared / max(one.num_rows + other.num_rows - shared, 1))


def _counted(known: Sequence[pa.Table], found: Sequence[pa.Table]) -> Floats:
    return np.array([[_shared(each, other) for other in found] for each in known], dtype=np.float64)


def _shared(one: pa.Table, other: pa.Table) -> int:
    both = pc.sum(pc.is_in(one["customer"], value_set=other["customer"].combine_chunks())).as_py()
    return int(both or 0)


def _paired(alike: Floats) -> dict[int, int]:
    """The known group of each found one."""
    rows, columns = linear_sum_assignment(alike, maximize=True)
    return {int(column): int(row) for row, column in zip(rows, columns, strict=True) if alike[row, column] > 0}
