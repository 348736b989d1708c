"""Strata by number: which row of an array belongs to a stratum of a subject."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from living_personas.stats.arrays import Ints

__all__ = ["Strata", "found", "joined"]

Strata = tuple[tuple[int, str], ...]
"""Subject and name of each stratum, each once, in the order in which they came."""


def found(strata: Strata, wanted: Sequence[tuple[int, str]]) -> Ints:
    """The place of each wanted stratum, -1 where it is none of them, shape (W,).

    >>> found(((0, "mail"), (1, "web")), [(1, "web"), (0, "web")])
    array([ 1, -1])
    """
    if strata == tuple(wanted):  # as on most days: looking all of them up takes twenty times as long
        return np.arange(len(strata))
    place = {each: row for row, each in enumerate(strata)}
    return np.array([place.get(each, -1) for each in wanted], dtype=np.int64)


def joined(strata: Strata, more: Sequence[tuple[int, str]]) -> tuple[Strata, Ints]:
    """The strata with those that are new behind them, and the place of each of ``more``, shape (M,).

    >>> joined(((0, "mail"),), [(1, "web"), (0, "mail"), (1, "web")])
    (((0, 'mail'), (1, 'web')), array([1, 0, 1]))
    """
    at = found(strata, more)
    if at.size and at.min() < 0:
        strata = tuple(dict.fromkeys([*strata, *more]))
        at = found(strata, more)
    return strata, at
