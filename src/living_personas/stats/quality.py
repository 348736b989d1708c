"""Data quality: whether units came to the options as the policy says, and whether a day is like those before."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtr, bdtrc, gammaln

from living_personas.stats.arrays import Floats, short_sum

__all__ = ["RATIO_ALARM", "RATIO_WARNING", "jumped", "mixture_log_factor", "ratio_log_factor", "scale_jumped"]

RATIO_ALARM = 1000.0
"""Wealth at which the sample ratio is called wrong: a false alarm ever has probability at most 1 in 1000."""

RATIO_WARNING = 100.0
"""Wealth at which it is worth a look: reached by chance once in 100 attributes."""

_CAUTION = 200.0
"""Expected units that the guess of the true shares starts from."""


def ratio_log_factor(n: Floats, shares: Floats, *, seen: Floats, expected: Floats) -> Floats:
    """Log factor of "units do not come in these shares", a bet on the shares seen so far.

    Parameters
    ----------
    n
        Units of today, shape ``(..., K)``.
    shares
        What the policy says, shape ``(..., K)``; options with share 0 are left out.
    seen, expected
        Units seen and expected on earlier days, shape ``(..., K)``.

    Returns
    -------
    Shape ``(...)``: ``sum n_k log(q_k / pi_k)`` with ``q_k`` proportional to ``pi_k (seen_k + c) / (expected_k + c)``;
    q is fixed before the day, so the product of factors is a martingale while the policy is what it says.

    References
    ----------
    Lindon & Malek (2022), Anytime-valid inference for multinomial count data; Wald (1947) for the plug-in bet.
    """
    tilt = np.where(shares > 0, (seen + _CAUTION) / (expected + _CAUTION), 0.0)
    total = short_sum(shares * tilt)[..., None]
    ratio = np.where(shares > 0, tilt / np.where(total > 0, total, 1.0), 1.0)
    return short_sum(n * np.log(ratio))


def mixture_log_factor(n: Floats, shares: Floats, *, seen: Floats, expected: Floats) -> Floats:
    """Log factor of "units do not come in these shares", where few may tell: bets on many shares at once.

    Parameters
    ----------
    n, shares, seen, expected
        As for ``ratio_log_factor``.

    Returns
    -------
    Shape ``(...)``: the log of the Dirichlet-multinomial probability of n over its probability under ``shares``. The
    mean of the Dirichlet is ``q`` as of ``ratio_log_factor`` with a caution of one unit, and its weight one unit more
    than were seen: of two options in equal shares, seventeen units of one and none of the other reach 1,000. Where the
    units are drawn without replacement from more, the factor is smaller still (Hoeffding 1963, theorem 4).

    References
    ----------
    Lindon & Malek (2022), Anytime-valid inference for multinomial count data.
    """
    there = shares > 0
    tilt = np.where(there, (seen + 1.0) / (expected + 1.0), 0.0)
    q = shares * tilt
    weight = 1.0 + seen.sum(-1, keepdims=True)
    alpha = np.where(there, weight * q / q.sum(-1, keepdims=True), 1.0)
    counted = np.where(there, n, 0.0)
    each = gammaln(alpha + counted) - gammaln(alpha) - counted * np.log(np.where(there, shares, 1.0))
    total = gammaln(weight) - gammaln(weight + counted.sum(-1, keepdims=True))
    return np.asarray(each.sum(-1) + total[..., 0], dtype=np.float64)


_LEAST, _MOST = 0.65, 1.55
"""Ratios of a day's count to the usual one, between which a feed is as it was."""
_RARE = 3.2e-5
"""How probable a count so far out may be where nothing changed, on either side: 88 a day must not become 44 unseen."""
_SCALE = 20.0


def jumped(now: int, usual: float, *, days: int) -> bool:
    """Whether a day's count is out of all proportion to the mean of the ``days`` before.

    If counts are Poisson with one rate, each of all those events fell on this day with probability ``1 / (days + 1)``,
    whatever the rate is: a jump is a count in a tail of that binomial distribution of less than ``_RARE``.

    >>> [jumped(now, 1000.0, days=7) for now in (500, 2000, 800)], jumped(4, 9.0, days=7), jumped(6, 1.0, days=7)
    ([True, True, False], False, False)
    """
    both = now + round(usual * days)
    if days < 1 or not both:
        return False
    share = 1 / (days + 1)
    tail = bdtr(now, both, share) if now < usual else bdtrc(now - 1, both, share)
    return bool(tail < _RARE) and not _LEAST * usual <= now <= _MOST * usual


def scale_jumped(now: float, before: float) -> bool:
    """Whether a positive number changed by a factor that only another unit explains.

    >>> scale_jumped(4500.0, 45.0), scale_jumped(60.0, 45.0), scale_jumped(3.0, 0.0)
    (True, False, False)
    """
    return now > 0 and before > 0 and not 1 / _SCALE <= now / before <= _SCALE
