"""What arithmetic already says is said once: parts are read as rates of their whole, tied columns are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from living_personas.discovery.columns import Column, Count, Rate
from living_personas.discovery.differences import untied
from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.scores import middle_scores
from living_personas.stats.arrays import Floats

__all__ = ["untangled"]


def untangled(sheet: Sheet) -> Sheet:
    """The sheet without what its columns say twice.

    A count that never exceeds another and often equals it (opened e-mails of received ones) is read as a rate of it:
    its zeros mean nothing where there was nothing to open. A column of which the ones before it explain four fifths is
    left out: it would count as further evidence of the same thing.
    """
    parted = replace(sheet, columns=tuple(_parted(sheet)))
    kept = untied(middle_scores(parted), parted.filed, range(len(parted.columns)))
    return replace(parted, columns=tuple(parted.columns[place] for place in kept))


_TOUCHES = 0.02
"""Share of the customers with any who must have all; counts that merely never cross do not touch so often."""


def _parted(sheet: Sheet) -> Iterator[Column]:
    rated = [sheet.numbers[column.name] for column in sheet.columns if isinstance(column, Rate)]
    counts = [column for column in sheet.columns if isinstance(column, Count)]
    for column in sheet.columns:
        if not isinstance(column, Count):
            yield column
        elif not any(np.array_equal(sheet.numbers[column.name], hits, equal_nan=True) for hits in rated):
            yield _of_its_whole(column, counts, sheet)


def _of_its_whole(count: Count, counts: list[Count], sheet: Sheet) -> Column:
    """A rate of the smallest count that it is part of, or the count itself."""
    part = sheet.numbers[count.name]
    wholes = [each.name for each in counts if _is_part(part, sheet.numbers[each.name])]
    if not wholes:
        return count
    return Rate(count.name, of=min(wholes, key=lambda name: float(np.nansum(sheet.numbers[name]))), means=count.means)


def _is_part(part: Floats, whole: Floats) -> bool:
    known = ~np.isnan(part) & ~np.isnan(whole)
    any_part = known & (part > 0)
    if not any_part.any() or not (part[known] <= whole[known]).all() or (part[known] == whole[known]).all():
        return False
    return bool((part[any_part] == whole[any_part]).mean() >= _TOUCHES)
