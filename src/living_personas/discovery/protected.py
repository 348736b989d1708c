"""Whether a segment is a protected trait by another name."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.discovery.feature_matrix import Sheet
from living_personas.stats.arrays import Bools, Floats

__all__ = ["STANDS_IN", "stands_in_for"]

STANDS_IN = 0.5
"""Standard deviations that members may differ by in a protected trait; fifty members stray by .14 of chance."""


def stands_in_for(sheet: Sheet, members: Bools) -> tuple[str, ...]:
    """A reason for review for each protected trait in which members differ from the others.

    A number differs by its mean, any other trait by the share of one of its values; both in standard deviations.
    """
    found: list[str] = []
    for name, trait in sheet.protected.items():
        what, distance = max(_distances(trait, members), key=lambda each: abs(each[1]), default=("", 0.0))
        if abs(distance) >= STANDS_IN:
            found.append(f"it may stand in for {name!r}: members differ by {distance:+.1f} sd{what}.")
    return tuple(found)


_MOST_VALUES = 50


def _distances(trait: pa.Array, members: Bools) -> list[tuple[str, float]]:
    if pa.types.is_floating(trait.type) or pa.types.is_integer(trait.type):
        return [("", _distance(np.asarray(pc.cast(trait, pa.float64()).to_numpy(zero_copy_only=False)), members))]
    texts = pc.cast(trait, pa.string())
    counts = sorted(pc.value_counts(texts).to_pylist(), key=lambda each: -each["counts"])
    values = [each["values"] for each in counts if each["values"] is not None][:_MOST_VALUES]
    return [
        (
            f" in the share of {each!r}",
            _distance(np.asarray(pc.fill_null(pc.equal(texts, each), fill_value=False), dtype=np.float64), members),
        )
        for each in values
    ]


def _distance(numbers: Floats, members: Bools) -> float:
    known = ~np.isnan(numbers)
    inside, outside = numbers[known & members], numbers[known & ~members]
    spread = float(numbers[known].std()) if known.any() else 0.0
    if not len(inside) or not len(outside) or spread == 0:
        return 0.0
    return float((inside.mean() - outside.mean()) / spread)
