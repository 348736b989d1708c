"""What to choose tomorrow: Thompson sampling that lets tests end."""

from __future__ import annotations

import numpy as np

from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["CHALLENGER", "EXPLORE", "EXPLORE_PROVEN", "EXPLORE_TO_CONFIRM", "PAIR_FLOOR", "shares"]

EXPLORE, EXPLORE_TO_CONFIRM, EXPLORE_PROVEN = 0.08, 0.2, 0.05
"""Share that is spread evenly over all options: before the current value was proven, while it looks like the best and
is not proven (whoever is to be beaten must be seen), and after it was proven."""

CHALLENGER = 0.65
"""The challenger's part of what a pair gets: while its account grows it is probably the better one."""

PAIR_FLOOR = 0.0167
"""Share of every other option in pair mode."""


def shares(prob_best: Floats, *, mask: Bools, current: Ints, pair: Ints, proven: Bools) -> Floats:
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
    proven
        Whether the current value was confirmed, or is a correction, shape ``(A,)``.

    Returns
    -------
    Shape ``(A, K)``; rows sum to 1 and every option that exists has a positive share.
    """
    is_current = np.arange(mask.shape[1]) == current[:, None]
    likely = np.take_along_axis(prob_best, current[:, None], axis=1)[:, 0] >= 1 / 2
    even = np.where(proven, EXPLORE_PROVEN, np.where(likely, EXPLORE_TO_CONFIRM, EXPLORE))
    explored = _explored(prob_best, mask, even[:, None])
    is_pair = np.arange(mask.shape[1]) == pair[:, None]
    others = mask & ~is_current & ~is_pair
    count = others.sum(-1, keepdims=True)
    floor = np.minimum(PAIR_FLOOR, 0.5 / np.maximum(count, 1))  # with more than 20 others, the pair has half of all
    in_pair = 1 - floor * count
    tested = np.where(is_pair, CHALLENGER * in_pair, np.where(is_current, (1 - CHALLENGER) * in_pair, 0.0))
    paired = np.where(others, floor, tested)
    return np.asarray(np.where(pair[:, None] >= 0, paired, explored), dtype=np.float64)


def _explored(prob_best: Floats, mask: Bools, explore: Floats) -> Floats:
    """By the square of how probably each is the best: a policy that starves what it must refute never refutes it."""
    squared = np.where(mask, prob_best, 0.0) ** 2
    total = squared.sum(-1, keepdims=True)
    spread = mask / mask.sum(-1, keepdims=True)
    tilted = np.where(total > 0, squared / np.where(total > 0, total, 1.0), spread)
    return np.asarray((1 - explore) * tilted + explore * spread, dtype=np.float64)
