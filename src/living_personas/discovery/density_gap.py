"""Whether there is a gap between two groups: the density along the line that tells them apart best must dip."""

from __future__ import annotations

import numpy as np

from living_personas.stats.arrays import Floats

__all__ = ["direction", "valley"]


def direction(one: Floats, other: Floats) -> Floats:
    """The direction that tells two groups of points apart best: Fisher's, a tenth of its covariance shrunk away.

    Both groups' covariances weigh the same: the smaller one has fewer points, not less shape.
    """
    spread = (np.cov(one.T) + np.cov(other.T)) / 2
    even = np.eye(len(spread)) * np.trace(spread) / len(spread)
    return np.asarray(np.linalg.solve(0.9 * spread + 0.1 * even, one.mean(0) - other.mean(0)), dtype=np.float64)


def valley(one: Floats, other: Floats) -> float:
    """Lowest density between two groups on a line, over the lower of the peaks on both sides; 1 where nothing dips.

    The groups are taken together as they are: a tail that was cut off a single hump has no peak of its own.

    >>> ends = np.linspace(-1, 1, 401)
    >>> round(valley(ends + 3, ends), 1), round(valley(ends + 1, ends - 1), 1)
    (0.0, 1.0)
    """
    if min(len(one), len(other)) < _LEAST:
        return 1.0
    low, high = sorted((float(np.median(one)), float(np.median(other))))
    width = _bandwidth(one)
    if not high > low or not width > 0:
        return 1.0
    density, grid = _density(np.concatenate([one, other]), width)
    between = np.flatnonzero((grid > low) & (grid < high))
    left = np.maximum.accumulate(density)[between]
    right = np.maximum.accumulate(density[::-1])[::-1][between]
    ratios = density[between] / np.minimum(left, right)
    return float(np.round(ratios.min(), 6)) if len(ratios) else 1.0


_LEAST = 20
_CELLS = 1024


def _bandwidth(points: Floats) -> float:
    """Four fifths of Silverman's rule for the smaller group: its peak must not be noise, nor its valley filled."""
    quarter, half = np.quantile(points, (0.25, 0.75))
    return float(0.72 * min(points.std(), (half - quarter) / 1.34) * len(points) ** -0.2)


def _density(points: Floats, width: float) -> tuple[Floats, Floats]:
    """A Gaussian kernel density on a grid, by way of a fine histogram."""
    low, high = np.quantile(points, (0.001, 0.999))
    low, high = low - 3 * width, high + 3 * width
    counts, edges = np.histogram(points, bins=_CELLS, range=(low, high))
    step = edges[1] - edges[0]
    reach = int(np.ceil(4 * width / step))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width) ** 2)
    smooth = np.convolve(counts, kernel / kernel.sum(), mode="full")[reach : reach + _CELLS]
    return smooth, (edges[:-1] + edges[1:]) / 2
