"""Where values are capped: by how large earlier ones were, counted in classes that add up."""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np

from living_personas.stats.arrays import Floats, Ints

__all__ = ["CLASSES", "ENOUGH", "TOP_SHARE", "class_tops", "share_above", "usual_most"]

CLASSES = 40
"""Classes of size to a power of ten: the top of one is 5.9 % above the top of the one below."""

TOP_SHARE = 0.01
"""The share of positive values that may lie above a cap."""

ENOUGH = 200
"""Positive values from which a cap is read off: two of them lie above it."""


def class_tops(classes: Ints) -> Floats:
    """The largest value of each class of size, shape ``(R,)``: class c holds values up to ``10 ** (c / CLASSES)``.

    >>> class_tops(np.array([0, 40, 80])).tolist()
    [1.0, 10.0, 100.0]
    """
    return np.asarray(10.0 ** (classes / CLASSES), dtype=np.float64)


def usual_most(classes: Ints, counts: Ints) -> float | None:
    """The value above which no more than ``TOP_SHARE`` of the values lie, rounded up to two digits.

    Parameters
    ----------
    classes, counts
        Classes of size, in any order, and how many positive values are in each; shape ``(R,)``, classes may repeat.

    Returns
    -------
    None of fewer than ``ENOUGH`` values: then nothing is known of rare ones.

    >>> usual_most(np.array([40, 80, 120]), np.array([900, 95, 5])), usual_most(np.array([40]), np.array([199]))
    (100.0, None)
    """
    total = int(counts.sum())
    if total < ENOUGH:
        return None
    order = np.argsort(classes, kind="stable")
    below = np.cumsum(counts[order])
    most = classes[order][int(np.searchsorted(below, (1 - TOP_SHARE) * total))]
    return _rounded_up(float(class_tops(np.array([most]))[0]))


def share_above(classes: Ints, counts: Ints, *, cap: float) -> float:
    """The share of values in classes that lie wholly above the cap, or 0 where there is none."""
    total = int(counts.sum())
    above = int(counts[class_tops(classes - 1) >= cap * (1 - 1e-9)].sum())
    return above / total if total else 0.0


def _rounded_up(number: float) -> float:
    """A number at two digits, no smaller than it was.

    >>> _rounded_up(243.1), _rounded_up(100.00000000000001), _rounded_up(0.0512)
    (250.0, 100.0, 0.052)
    """
    step = 10.0 ** (floor(log10(number)) - 1)
    up = ceil(round(number / step, 9))
    return float(f"{up * step:.2g}")
