"""Lloyd's algorithm, from customers that are far apart."""

from __future__ import annotations

import numpy as np

from living_personas.stats.arrays import Floats, Ints

__all__ = ["k_means"]


def k_means(points: Floats, k: int, rng: np.random.Generator) -> Ints:
    """The cluster of each point, numbered from 0, after ten rounds."""
    centres = points[[int(rng.integers(len(points)))]]
    far = np.full(len(points), np.inf)
    while len(centres) < k:
        far = np.maximum(np.minimum(far, ((points - centres[-1]) ** 2).sum(1)), 1e-12)
        centres = np.concatenate([centres, points[[int(rng.choice(len(points), p=far / far.sum()))]]])
    label = _nearest(points, centres)
    for _ in range(_ROUNDS):
        groups = [label == each for each in range(k)]
        centres = np.stack(
            [points[each].mean(0) if each.any() else centres[place] for place, each in enumerate(groups)]
        )
        label = _nearest(points, centres)
    return label


_ROUNDS = 10


def _nearest(points: Floats, centres: Floats) -> Ints:
    return np.asarray((-2 * points @ centres.T + (centres**2).sum(1)).argmin(1), dtype=np.int64)
