"""The one place where a seed becomes chance: a stream of its own for every purpose and day."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from living_personas.stats.arrays import Floats, Ints

__all__ = ["Purpose", "happenings", "stream"]

Purpose = Literal[
    "people",
    "sessions",
    "pricing",
    "tickets",
    "ads",
    "mail",
    "occasions",
    "outcomes",
    "orders",
    "filing",
    "logging",
    "worlds",
]

_LONGEST_PAST = 100_000
"""Days before the first that a stream may be asked for: keys of seeds are never negative."""


def stream(seed: int, purpose: Purpose, day: int = 0) -> np.random.Generator:
    """The chance of one purpose on one day: the same everywhere, and independent of all other streams.

    What customers do of their own accord is therefore the same whatever is decided for them.

    >>> stream(7, "mail", 3).random() == stream(7, "mail", 3).random()
    True
    """
    key = (get_args(Purpose).index(purpose), day + _LONGEST_PAST)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy=seed, spawn_key=key)))


def happenings(rates: Floats, rng: np.random.Generator) -> Ints:
    """Independent Poisson counts with these means, as the index behind each single happening, in order.

    The total is drawn first and then dealt out, so a million rare rates cost one cumulative sum.

    >>> set(happenings(np.array([0.0, 30.0, 0.0]), stream(1, "sessions")).tolist())
    {1}
    """
    ends = np.cumsum(rates)
    total = float(ends[-1]) if ends.size else 0.0
    points = np.sort(rng.random(rng.poisson(total))) * total
    return np.searchsorted(ends, points, side="right").astype(np.int64)
