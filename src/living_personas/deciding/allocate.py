"""What to choose tomorrow: Thompson sampling that lets tests end."""

from __future__ import annotations

import numpy as np

from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["CURRENT_AT_LEAST", "EXPLORE", "shares"]

EXPLORE = 0.10
"""Share that is spread evenly over all options."""

CURRENT_AT_LEAST = 0.40
"""The current value's share: a policy that starves what it must refute never refutes it."""

PAIR_FLOOR = 0.025
"""Share of every other option in pair mode."""


def shares(prob_best: Floats, *, mask: Bools, current: Ints, pair: Ints) -> Floats:
    """The share of each option among tomorrow's new units.

    Parameters
    ----------
    prob_best
        Probability that each option is the best, shape ``(A, K)``.
    mask
        Which options exist, shape ``(A, K)``.
    current
        Index of the current value, shape ``(A,)``.
    pair
        Index of the challenger whose test is under way, or -1, shape ``(A,)``.

    Returns
    -------
    Shape ``(A, K)``; rows sum to 1 and every option that exists has a positive share.
    """
    is_current = np.arange(mask.shape[1]) == current[:, None]
    explored = _explored(prob_best, mask, is_current)
    is_pair = np.arange(mask.shape[1]) == pair[:, None]
    others = mask & ~is_current & ~is_pair
    count = others.sum(-1, keepdims=True)
    floor = np.minimum(PAIR_FLOOR, 0.5 / np.maximum(count, 1))  # with more than 20 others, the pair has half of all
    in_pair = (1 - floor * count) / 2
    paired = np.where(others, floor, np.where(is_current | is_pair, in_pair, 0.0))
    return np.asarray(np.where(pair[:, None] >= 0, paired, explored), dtype=np.float64)


def _explored(prob_best: Floats, mask: Bools, is_current: Bools) -> Floats:
    squared = np.where(mask & ~is_current, prob_best**2, 0.0)
    total = squared.sum(-1, keepdims=True)
    count = np.maximum((mask & ~is_current).sum(-1, keepdims=True), 1)
    among = np.where(total > 0, squared / np.where(total > 0, total, 1.0), (mask & ~is_current) / count)
    kept = np.maximum(np.where(is_current, prob_best, 0.0).sum(-1, keepdims=True), CURRENT_AT_LEAST)
    tilted = np.where(is_current, kept, (1 - kept) * among)
    spread = mask / mask.sum(-1, keepdims=True)
    return np.asarray((1 - EXPLORE) * tilted + EXPLORE * spread, dtype=np.float64)
