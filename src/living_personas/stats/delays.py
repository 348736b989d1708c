"""Whether an option that looks worse may only be answered later."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from living_personas.stats.arrays import Floats

__all__ = ["LATE_SHARE", "Answered", "days_until_in", "is_answered_later"]

LATE_SHARE = 0.05
"""The part of its outcomes by which an option must be later to be taken for slow."""

_SURELY = float(ndtri(0.95))


class Answered(NamedTuple):
    """Of an option, by day of exposure: units, those with an outcome, and those whose outcome came late; shape (T,)."""

    n: Floats
    s: Floats
    late: Floats


def days_until_in(came: Floats, *, missing: float) -> int:
    """The fewest days after which no more than a part of what came was still missing.

    Parameters
    ----------
    came
        How many outcomes came so many days late, shape ``(L,)``.
    missing
        The part of all of them that may come later.

    >>> days_until_in(np.array([900.0, 0.0, 96.0, 4.0]), missing=0.005)
    2
    """
    later = came.sum() - np.cumsum(came)
    return int(np.argmax(later <= missing * came.sum()))


def is_answered_later(loser: Answered, winner: Answered) -> bool:
    """Whether more of the loser's units than of the winner's have a late outcome, by a part of its outcomes.

    Compared are the units that had no outcome early: what happens to them for no reason of the option's happens to both
    alike. Neither the share of outcomes that are late nor that of units would do: the worse option has fewer early
    ones, and so more of both. Compared day by day, weighted by how much each day tells, as rates and shares of options
    move: the 95 % lower bound of the difference against ``LATE_SHARE`` of the loser's outcomes per unit.
    """
    waited = [each.n - each.s + each.late for each in (loser, winner)]
    both = (waited[0] > 0) & (waited[1] > 0)
    a, b = (each[both] for each in waited)
    late_a, late_b = (each.late[both] for each in (loser, winner))
    weight = a * b / (a + b)
    if not weight.sum():
        return False
    difference = np.average(late_a / a - late_b / b, weights=weight)
    pooled = (late_a.sum() + late_b.sum()) / (a.sum() + b.sum())
    error = np.sqrt(pooled * (1 - pooled) / weight.sum())
    outcomes = np.average(loser.s[both] / loser.n[both], weights=weight)
    return bool(difference - _SURELY * error > LATE_SHARE * outcomes)
