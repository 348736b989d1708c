"""Running totals: whether one snapshot is out of line with those before and after it."""

from __future__ import annotations

import numpy as np

from living_personas.stats.arrays import Floats, Ints
from living_personas.stats.eprocess import Sums

__all__ = ["jumps_taken_back"]

_FAR = 4.0
"""Standard errors of each of two steps that go opposite ways: where nothing is wrong, one in a billion pairs do."""


def jumps_taken_back(steps: Sums, totals: Floats) -> Ints:
    """The steps in which an option jumps against the others, and the next step takes it back.

    An effect, however it moves, does not jump and come back in one step: one snapshot is wrong, as when the options
    were counted at different moments. Each of the two steps would be evidence, in turn, for and against the option.

    Parameters
    ----------
    steps
        Units, sums and sums of squares that came from snapshot to snapshot, shape ``(T, K)``.
    totals
        Units so far, shape ``(T, K)``.

    Returns
    -------
    The numbers of such steps, in order. The first step has nothing before it, the last nothing after it.

    Examples
    --------
    >>> sums = np.array([[100.0, 100.0], [100.0, 200.0], [100.0, 10.0], [100.0, 100.0]])
    >>> n = np.full((4, 2), 1000.0)
    >>> jumps_taken_back(Sums(n, sums, sums), n.cumsum(0)).tolist()
    [1]
    """
    others = totals.sum(-1, keepdims=True) - totals
    ratio = np.where(others > 0, totals / np.where(others > 0, others, 1.0), 0.0)
    gap = steps.sum - ratio * (steps.sum.sum(-1, keepdims=True) - steps.sum)
    spread = steps.sum_sq + ratio**2 * (steps.sum_sq.sum(-1, keepdims=True) - steps.sum_sq)
    far = np.where(spread > 0, gap / np.sqrt(np.where(spread > 0, spread, 1.0)), 0.0)
    up, down = far > _FAR, far < -_FAR
    back = (up[1:-1] & down[2:]) | (down[1:-1] & up[2:])
    return np.asarray(np.flatnonzero(back.any(-1)) + 1, dtype=np.int64)
