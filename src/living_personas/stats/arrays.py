"""The array types that statistics are written in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Floats", "Ints", "add_at", "short_sum"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def add_at(total: Floats, at: Ints, part: Floats) -> None:
    """Add each row of ``part`` to the row of ``total`` that ``at`` (R,) names; rows named twice get both.

    >>> total = np.zeros(2)
    >>> add_at(total, np.array([1, 1]), np.array([2.0, 3.0]))
    >>> total
    array([0., 5.])
    """
    if (np.diff(at) > 0).all():  # one row each, as on most days: adding one by one takes three times as long
        total[at] += part
    else:
        np.add.at(total, at, part)


def short_sum(array: Floats) -> Floats:
    """The sum over a last axis of a few entries: the same number as ``array.sum(-1)`` up to seven, five times sooner.

    >>> short_sum(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([3., 7.])
    """
    total = np.zeros(array.shape[:-1])
    for place in range(array.shape[-1]):
        total += array[..., place]
    return total
