"""Betting factors: what a day of randomised units multiplies the wealth of "o is better than b" by.

Every factor here has mean at most 1 when o is no better than b, whatever the outcomes do otherwise, as long as the
assignment probabilities are known and everything else that enters it was fixed before the day. So a running product is
a supermartingale, and by Ville's inequality it ever reaches 1/alpha with probability at most alpha.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from living_personas.stats.arrays import Floats

__all__ = [
    "LIFTS",
    "LIFT_WEIGHTS",
    "Sums",
    "assignment_log_factor",
    "margin_log_factor",
    "value_log_factor",
]

LIFTS: Floats = np.array([1.05, 1.1, 1.2, 1.4, 1.8])
"""The true lifts that are bet on, at once: wealth is a mixture with one entry for each."""

LIFT_WEIGHTS: Floats = np.array([0.1, 0.2, 0.35, 0.25, 0.1])
"""Prior weights of the lifts; they sum to 1."""

_MAX_BET = 0.5


class Sums(NamedTuple):
    """Units, sum and sum of squares of their outcomes, all of one shape; a success is an outcome of 1."""

    n: Floats
    sum: Floats
    sum_sq: Floats


def assignment_log_factor(challenger: Sums, current: Sums, *, w: Floats, pbar: Floats) -> Floats:
    """Log factor for yes-or-no outcomes, one entry per lift: the likelihood ratio of assignment given the outcome.

    Parameters
    ----------
    challenger, current
        Units and successes of o and of b, shape ``(...)``.
    w
        Probability of o among {o, b} for these units, in (0, 1), shape ``(...)``.
    pbar
        Predicted success rate, fixed before the day, in (0, 1), shape ``(...)``. It steers growth, never validity.

    Returns
    -------
    Shape ``(..., 5)``: log of the product over units of ``q_A(Y) / q_1(Y)``. Given Y, A is o with probability w if the
    option does not matter, so the mean is ``[w q_o(y) + (1-w) q_b(y)] / q_1(y) = 1`` for every law of Y; it increases
    with the success rate of o.

    References
    ----------
    Turner, Ly & Grunwald (2024), Generic E-variables for exact sequential k-sample tests.
    """
    theta = np.log(LIFTS)
    base = logit(pbar)[..., None]
    weight = w[..., None]
    q_b = expit(base - weight * theta)
    q_o = expit(base + (1 - weight) * theta)
    q_1 = weight * q_o + (1 - weight) * q_b
    won = challenger.sum[..., None] * np.log(q_o / q_1) + current.sum[..., None] * np.log(q_b / q_1)
    lost_o = (challenger.n - challenger.sum)[..., None] * np.log((1 - q_o) / (1 - q_1))
    lost_b = (current.n - current.sum)[..., None] * np.log((1 - q_b) / (1 - q_1))
    return np.asarray(won + lost_o + lost_b, dtype=np.float64)


def value_log_factor(
    challenger: Sums, current: Sums, *, w: Floats, mean: Floats, variance: Floats, bound: Floats
) -> Floats:
    """Log factor for values in [0, bound] (revenue, winsorised), one entry per lift.

    Parameters
    ----------
    challenger, current
        Units, sums and sums of squares of o and of b, shape ``(...)``.
    w
        Probability of o among {o, b}, in (0, 1).
    mean, variance
        Predicted mean and variance of the value, fixed before the day; where either is not positive nothing is bet.
    bound
        The largest value that a unit can count for.

    Returns
    -------
    Shape ``(..., 5)``. With ``z = (Y - mean)(1{o} - w)`` the null says E[z] <= 0, and z >= -c; Fan's inequality
    ``exp(l x + (log(1 - l) + l) x^2) <= 1 + l x`` for ``x = z / c >= -1`` makes each factor's mean at most 1.

    References
    ----------
    Fan, Grama & Liu (2015), Exponential inequalities for martingales with applications, eq. 4.
    """
    known = (mean > 0) & (variance > 0)
    safe_variance = np.where(known, variance, 1.0)
    c = np.maximum(mean * (1 - w), np.maximum(bound - mean, 0) * w)
    c = np.where(c > 0, c, 1.0)
    z = ((1 - w) * (challenger.sum - mean * challenger.n) - w * (current.sum - mean * current.n)) / c
    z_sq = ((1 - w) ** 2 * _centred_sq(challenger, mean) + w**2 * _centred_sq(current, mean)) / c**2
    bet = np.where(known, mean * c / safe_variance, 0.0)[..., None] * (LIFTS - 1)
    return _fan(z, z_sq, bet=np.minimum(bet, _MAX_BET))


def margin_log_factor(
    harmed: Sums, kept: Sums, *, w: Floats, mean: Floats, variance: Floats, bound: Floats, points: Floats, share: Floats
) -> Floats:
    """Log factor for harm beyond a margin: "the mean is higher by more than ``points`` plus ``share`` of b's mean".

    Parameters
    ----------
    harmed, kept
        Sums of the option that may do harm and of the one it replaced, shape ``(...)``; values in [0, bound].
    w
        Probability of the harmed option among the two.
    mean, variance
        Predicted mean and variance, fixed before the day; they size the bets only.
    points, share
        The margin of the null hypothesis ``E[Y|o] <= (1 + share) E[Y|b] + points``. For a metric that must not drop,
        swap the two options and pass ``share = 1 / (1 - s) - 1``.

    Returns
    -------
    Shape ``(..., 5)``, valid as in ``value_log_factor`` with
    ``z = (1-w) 1{o} (Y - points) - w (1 + share) 1{b} Y``, whose mean is at most 0 under the null.
    """
    known = (mean > 0) & (variance > 0)
    safe_variance = np.where(known, variance, 1.0)
    lean = w * (1 + share)
    c = np.maximum(np.maximum((1 - w) * points, lean * bound), 1e-12)
    z = ((1 - w) * (harmed.sum - points * harmed.n) - lean * kept.sum) / c
    harmed_sq = harmed.sum_sq - 2 * points * harmed.sum + points**2 * harmed.n
    z_sq = ((1 - w) ** 2 * harmed_sq + lean**2 * kept.sum_sq) / c**2
    spread = np.where(known, safe_variance + mean**2, 1.0)
    bet = np.where(known, mean * c / spread, 0.0)[..., None] * (LIFTS - 1)
    return _fan(z, z_sq, bet=np.minimum(bet, _MAX_BET))


def _centred_sq(sums: Sums, mean: Floats) -> Floats:
    return np.asarray(sums.sum_sq - 2 * mean * sums.sum + mean**2 * sums.n, dtype=np.float64)


def _fan(x: Floats, x_sq: Floats, *, bet: Floats) -> Floats:
    return np.asarray(bet * x[..., None] + (np.log1p(-bet) + bet) * x_sq[..., None], dtype=np.float64)
