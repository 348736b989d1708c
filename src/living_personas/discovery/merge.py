"""What was split too finely, put together again on customers that the fit has not seen."""

from __future__ import annotations

import numpy as np

from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["LEVELS", "merge"]

LEVELS = (0.10, 0.14)
"""Overlaps from which two clusters are one; what is found must hold at both."""


def merge(held_out: Floats, filed: Ints, *, n_personas: int, level: float) -> tuple[Ints, Ints]:
    """The cluster of each component, and the cluster that is the home of each persona.

    Parameters
    ----------
    held_out
        Posterior probabilities of the components for customers the fit has not seen, shape ``(n, K)``.
    filed
        The persona of each of these customers, -1 for nobody.
    level
        The least overlap, ``sum(r_i r_j) / min(sum r_i, sum r_j)``, at which two clusters are joined.

    Returns
    -------
    Clusters of shape ``(K,)``, numbered from 0, and homes of shape ``(n_personas,)``: where most of a persona's members
    are. Two clusters that are homes of different personas are never joined.

    References
    ----------
    Hennig (2010), Methods for merging Gaussian mixture components.
    """
    shared = np.asarray(held_out.T @ held_out, dtype=np.float64)
    size = held_out.sum(0)
    holds = np.stack([held_out[filed == persona].sum(0) for persona in range(n_personas)])
    label = np.arange(held_out.shape[1])
    while len(size) > 1:
        overlap = np.where(_joinable(holds), shared / np.minimum.outer(size, size), -1.0)
        first, second = np.unravel_index(int(overlap.argmax()), overlap.shape)
        if overlap[first, second] < level:
            break
        into = _joined(len(size), int(first), int(second))
        label = into[label]
        sums = np.eye(len(size) - 1)[into]
        shared, size, holds = sums.T @ shared @ sums, size @ sums, holds @ sums
    return label, holds.argmax(1)


def _joinable(holds: Floats) -> Bools:
    """Pairs of different clusters, the first before the second, of which at most one is a home."""
    is_home = np.isin(np.arange(holds.shape[1]), holds.argmax(1))
    return np.triu(~np.logical_and.outer(is_home, is_home), 1)


def _joined(n: int, first: int, second: int) -> Ints:
    """New numbers of ``n`` clusters after the second became part of the first."""
    into = np.arange(n)
    into[second] = first
    into[np.arange(n) > second] -= 1
    return into
