"""What to choose tomorrow inside and outside of a leaf, while it is asked whether one value suits everybody."""

from __future__ import annotations

import numpy as np

from living_personas.deciding.allocate import PAIR_FLOOR, shares
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["DUEL", "SEEN_LEAST", "duel_shares", "part_shares"]

SEEN_LEAST = 0.2
"""The least share, inside a part, of the current value and of the option that must be refuted next: unseen, neither
ever is."""

DUEL = 0.75
"""The share of what looks best in a part, in a duel with the option that must be refuted next."""


def part_shares(prob_best: Floats, *, current: int, weakest: int, pair: int, proven: bool) -> Floats:
    """The shares inside and outside of a leaf: as everywhere, with what must be refuted kept in sight in both.

    Parameters
    ----------
    prob_best
        Probability that each option is the best in each part, shape ``(2, K)``.
    current, pair
        Index of the current value, and of the challenger whose test is under way in the whole persona, or -1.
    weakest
        Index of the option against which the account is the smallest: it must be refuted next, in either part. Where
        one option suits everybody it is that one, so that keeping it in sight costs nothing.
    proven
        Whether the current value was confirmed, or is a correction.

    Returns
    -------
    Shape ``(2, K)``; rows sum to 1 and every option has a positive share.
    """
    both = np.ones(2, dtype=np.int64)
    mask: Bools = np.ones(prob_best.shape, dtype=bool)
    plain = shares(prob_best, mask=mask, current=current * both, pair=pair * both, proven=both * proven > 0)
    place = np.arange(plain.shape[1])
    seen = (place == current) | (place == weakest)
    short = np.where(seen, np.maximum(SEEN_LEAST - plain, 0.0), 0.0)
    spare = np.where(seen, np.maximum(plain - SEEN_LEAST, 0.0), plain)
    given = short.sum(1, keepdims=True) / spare.sum(1, keepdims=True)
    return np.asarray(plain + short - given * spare, dtype=np.float64)


def duel_shares(best: Ints, against: Ints, *, options: int) -> Floats:
    """The shares of a duel in each part, between ``best`` and ``against`` (2,), shape ``(2, K)``; rows sum to 1.

    >>> duel_shares(np.array([0, 1]), np.array([1, 0]), options=2)
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    place = np.arange(options)
    is_best, is_against = place == best[:, None], place == against[:, None]
    others = options - 2
    floor = min(PAIR_FLOOR, 0.5 / max(others, 1))
    left = 1 - floor * others
    return np.where(is_best, DUEL * left, np.where(is_against, (1 - DUEL) * left, floor))
