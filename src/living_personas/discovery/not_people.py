"""Whether a segment is not people: what acts in the same measure every time, or like nobody else at all."""

from __future__ import annotations

import numpy as np

from living_personas.discovery.columns import Count
from living_personas.discovery.differences import DIFFERS
from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.scorecard import area
from living_personas.stats.arrays import Bools, Floats

__all__ = ["not_people"]

EVEN = 0.25
"""Variance over mean of a count below which it is no behaviour: independent events have 1, people more."""

APART = 0.9998
"""How surely one count alone tells members from others, from which nobody is in between."""

_LEAST_COUNT = 5.0
"""The mean from which the spread of a count says something."""


def not_people(sheet: Sheet, members: Bools, deviation: Floats) -> tuple[str, ...]:
    """The question, with the column that raises it; nothing where members may be people.

    Asked are the columns in which members have more than their nearest persona (``deviation``, in standard deviations).
    """
    more = (column for column, far in zip(sheet.columns, deviation, strict=True) if far >= DIFFERS)
    for column in more:
        numbers = np.nan_to_num(sheet.numbers[column.name], nan=0.0)
        inside = numbers[members]
        if isinstance(column, Count) and inside.mean() >= _LEAST_COUNT:
            if inside.var() <= EVEN * inside.mean():
                return (f"not people? all of them have much the same {column.name} ({inside.mean():.3g} on average)",)
            if area(numbers, members) >= APART:
                return (f"not people? nobody else has nearly as many {column.name} ({inside.mean():.3g} on average)",)
    return ()
