"""Betting factors: what a day of randomised units multiplies the wealth of "o is better than b" by.

Every factor here has mean at most 1 when o is no better than b, whatever the outcomes do otherwise, as long as the
assignment probabilities are known and everything else that enters it was fixed before the day. So a running product is
a supermartingale, and by Ville's inequality it ever reaches 1/alpha with probability at most alpha.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from living_personas.stats.arrays import Floats

__all__ = [
    "LIFTS",
    "LIFT_WEIGHTS",
    "Sums",
    "assignment_log_factor",
    "margin_log_factor",
    "nearest_null",
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


def assignment_log_factor(challenger: Sums, current: Sums, *, w: Floats, pbar: Floats, ratio: Floats) -> Floats:
    """Log factor for yes-or-no outcomes, one entry per lift: the likelihood ratio of assignment given the outcome.

    Parameters
    ----------
    challenger, current
        Units and successes of o and of b, shape ``(...)``.
    w
        Probability of o among {o, b} for these units, in (0, 1), shape ``(...)``.
    pbar
        Predicted success rate, fixed before the day, in (0, 1), shape ``(...)``. It steers growth, never validity.
    ratio
        The margin r > 0 of the null hypothesis ``p_o <= r p_b``, shape ``(...)``; 1 asks whether o is better at all.

    Returns
    -------
    Shape ``(..., 5)``: log of the product over units of ``q_A(Y) / p_A(Y)``. The bet q has o better by r times each
    lift; p, with ``p_o = r p_b``, is the law of the null nearest to it (least Kullback-Leibler divergence), the smaller
    root of ``r p^2 - (w (r + q_o) + (1-w)(1 + r q_b)) p + w q_o + (1-w) q_b = 0``. The laws of (A, Y) under the null
    are convex, so the mean is at most 1 under all of them. At r = 1 both p are ``q_1 = w q_o + (1-w) q_b``: then, given
    Y, the mean is ``[w q_o(y) + (1-w) q_b(y)] / q_1(y) = 1`` for every law of Y. Where q is itself in the null
    (``q_o <= r q_b``, at high rates) nothing is bet.

    References
    ----------
    Turner, Ly & Grunwald (2024), Generic E-variables for exact sequential k-sample tests; Grunwald, de Heide & Koolen
    (2024), Safe testing, Theorem 1, for the nearest law.
    """
    r, weight = ratio[..., None], w[..., None]
    theta = np.log(LIFTS) + np.log(r)
    base = (np.log(pbar) - np.log1p(-pbar))[..., None]
    q_b = 1 / (1 + np.exp(weight * theta - base))
    q_o = 1 / (1 + np.exp((weight - 1) * theta - base))
    q_1 = weight * q_o + (1 - weight) * q_b
    p_o, p_b = (q_1, q_1) if (ratio == 1).all() else nearest_null(q_o, q_b, w=weight, ratio=r)
    won = challenger.sum[..., None] * np.log(q_o / p_o) + current.sum[..., None] * np.log(q_b / p_b)
    lost_o = (challenger.n - challenger.sum)[..., None] * np.log((1 - q_o) / (1 - p_o))
    lost_b = (current.n - current.sum)[..., None] * np.log((1 - q_b) / (1 - p_b))
    return np.asarray(won + lost_o + lost_b, dtype=np.float64)


def value_log_factor(
    challenger: Sums, current: Sums, *, w: Floats, mean: Floats, variance: Floats, bound: Floats, ratio: Floats
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
    ratio
        The margin r > 0 of the null hypothesis ``E[Y|o] <= r E[Y|b]``.

    Returns
    -------
    Shape ``(..., 5)``. With ``m`` such that o and b at ``r m`` and ``m`` have the predicted mean together,
    ``z = (1-w) 1{o} (Y - r m) - w r 1{b} (Y - m)`` has ``E[z] <= 0`` under the null, and z >= -c; Fan's inequality
    ``exp(l x + (log(1 - l) + l) x^2) <= 1 + l x`` for ``x = z / c >= -1`` makes each factor's mean at most 1.

    References
    ----------
    Fan, Grama & Liu (2015), Exponential inequalities for martingales with applications, eq. 4.
    """
    known = (mean > 0) & (variance > 0)
    safe_variance = np.where(known, variance, 1.0) * (1 + w * (ratio**2 - 1))
    m_b = mean / (1 + w * (ratio - 1))
    m_o, lean = ratio * m_b, w * ratio
    c = np.maximum(m_o * (1 - w), np.maximum(bound - m_b, 0) * lean)
    c = np.where(c > 0, c, 1.0)
    z = ((1 - w) * (challenger.sum - m_o * challenger.n) - lean * (current.sum - m_b * current.n)) / c
    z_sq = ((1 - w) ** 2 * _centred_sq(challenger, m_o) + lean**2 * _centred_sq(current, m_b)) / c**2
    bet = np.where(known, m_o * c / safe_variance, 0.0)[..., None] * (LIFTS - 1)
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


def nearest_null(q_o: Floats, q_b: Floats, *, w: Floats, ratio: Floats) -> tuple[Floats, Floats]:
    """The success rates (r p, p) of the null ``p_o <= r p_b`` that lie nearest to a bet (q_o, q_b), all of one shape.

    Where the bet is itself in the null it is its own nearest.
    """
    r, q_1 = ratio, w * q_o + (1 - w) * q_b
    half = (w * (r + q_o) + (1 - w) * (1 + r * q_b)) / 2
    p = q_1 / (half + np.sqrt(np.maximum(half**2 - r * q_1, 0.0)))
    p_b = np.where(r == 1, q_1, p)
    bets = q_o > r * q_b
    return np.where(bets, r * p_b, q_o), np.where(bets, p_b, q_b)


def _centred_sq(sums: Sums, mean: Floats) -> Floats:
    return np.asarray(sums.sum_sq - 2 * mean * sums.sum + mean**2 * sums.n, dtype=np.float64)


def _fan(x: Floats, x_sq: Floats, *, bet: Floats) -> Floats:
    return np.asarray(bet * x[..., None] + (np.log1p(-bet) + bet) * x_sq[..., None], dtype=np.float64)
