"""Whether a group goes another way than all customers do, or merely further on theirs."""

from __future__ import annotations

import numpy as np

from living_personas.discovery.differences import from_personas, spread_within, within
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["off_main"]

_DIRECTIONS = 2
_COLUMNS_OF_EACH = 4
"""Columns that each direction asks for: of fewer, what is left would say nothing."""


def off_main(scores: Floats, members: Bools, acts_like: Ints, *, n_personas: int) -> float:
    """How much of the way from their own personas to the members leaves the directions in which all others vary most.

    Who does more of everything, or has been here for longest, is the end of a continuum on which everybody is
    somewhere: without the two principal directions of the others (one, where fewer than eight columns are looked at)
    hardly anything is left of how members differ. A group of its own differs in what others do not vary in together.

    Parameters
    ----------
    scores, members, acts_like
        The normal scores of customers, shape ``(n, columns)``, which of them are members, and the persona that each
        acts like.
    n_personas
        How many personas there are.

    Returns
    -------
    float
        From 0, nothing (always, of fewer than four columns), to 1, all of it; a length over a length, each in standard
        deviations within the personas.
    """
    count = min(_DIRECTIONS, scores.shape[1] // _COLUMNS_OF_EACH)
    if count == 0 or members.all():
        return 0.0
    others = within(scores[~members], acts_like[~members]) / spread_within(scores, acts_like)
    _, directions = np.linalg.eigh(np.cov(others.T))
    main = directions[:, -count:]
    far = from_personas(scores, members, acts_like, n_personas)(scores[members])
    far = far[:, np.isfinite(far).all((0, 2))]  # personas that somebody else is of
    left, whole = _length(far - far @ main @ main.T), _length(far)
    return min(left / whole, 1.0) if whole > 0 else 0.0


def _length(far: Floats) -> float:
    """Of the mean way, from the persona that each member is nearest to."""
    own = (far**2).sum(2).argmin(1)
    return float(np.linalg.norm(far[np.arange(len(far)), own].mean(0)))
