"""How soon options are answered: curves of completion, and whether one that looks worse may only be answered later."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import betaln, ndtri, xlog1py, xlogy

from living_personas.stats.arrays import Floats

__all__ = [
    "LATE_SHARE",
    "Answered",
    "completion_curves",
    "days_until_in",
    "is_answered_later",
    "lower_share",
]

LATE_SHARE = 0.05
"""The part of its outcomes by which an option must be later to be taken for slow."""

_SURELY = float(ndtri(0.95))

_LEAN_OUTCOMES = 20.0
"""Outcomes of its own from which on an option's curve is more its own than that of all."""

_STEPS = 50


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


def completion_curves(at_age: Floats, by_age: Floats) -> Floats:
    """The part of its outcomes that each option has at each age, from reverse hazards.

    Parameters
    ----------
    at_age, by_age
        Outcomes at an age, and up to it, of the units that are at least so old, shape ``(..., K, S)``: ages 0 to S - 1.
        Units that are younger than an age say nothing of it, whatever the policy did since.

    Returns
    -------
    Shape ``(..., K, S)``, not falling, 1 at the last age: ``F(a)`` is the product over the ages s above a of
    ``1 - r(s)``, with ``r(s)`` the part of the outcomes up to age s that came at s. Each option's leans on that of all
    options together by 20 outcomes; an age that no unit has reached takes nothing away.

    References
    ----------
    Lagakos, Barraj & De Gruttola (1988), Nonparametric analysis of truncated survival data.
    """
    pooled_at, pooled_by = (each.sum(-2, keepdims=True) for each in (at_age, by_age))
    pooled = pooled_at / np.where(pooled_by > 0, pooled_by, 1.0)
    hazard = (at_age + _LEAN_OUTCOMES * pooled) / (by_age + _LEAN_OUTCOMES)
    left = np.concatenate([1 - hazard[..., 1:], np.ones((*hazard.shape[:-1], 1))], axis=-1)
    return np.asarray(np.clip(np.cumprod(left[..., ::-1], axis=-1)[..., ::-1], 0.0, 1.0), dtype=np.float64)


def lower_share(hits: Floats, of: Floats, *, error: Floats) -> Floats:
    """A lower bound of a share that holds at every time at once, from ``hits`` among ``of``; all of one shape.

    It is too high, ever, with a probability of at most ``error``: the least share c at which the likelihood of what was
    seen, mixed over Beta(1/2, 1/2), is no more than 1/error times that of c. 0 while nothing was seen.

    References
    ----------
    Robbins (1970), Statistical methods related to the law of the iterated logarithm; Ville (1939).
    """
    misses = of - hits
    mixed = betaln(0.5 + hits, 0.5 + misses) - betaln(0.5, 0.5)
    low, high = np.zeros(np.shape(of)), hits / np.where(of > 0, of, 1.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        refuted = mixed - xlogy(hits, middle) - xlog1py(misses, -middle) >= -np.log(error)
        low, high = np.where(refuted, middle, low), np.where(refuted, high, middle)
    return np.asarray(low, dtype=np.float64)
