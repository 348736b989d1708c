"""Sample-ratio test: whether units came to the options as the policy says."""

from __future__ import annotations

import numpy as np

from living_personas.stats.arrays import Floats

__all__ = ["RATIO_ALARM", "ratio_log_factor"]

RATIO_ALARM = 1000.0
"""Wealth at which the sample ratio is called wrong: a false alarm ever has probability at most 1 in 1000."""

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
    total = (shares * tilt).sum(-1, keepdims=True)
    ratio = np.where(shares > 0, tilt / np.where(total > 0, total, 1.0), 1.0)
    return np.asarray((n * np.log(ratio)).sum(-1), dtype=np.float64)
