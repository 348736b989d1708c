"""Means with intervals that hold at every time at once."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaln, xlog1py, xlogy

from living_personas.domain.belief import Interval
from living_personas.errors import InsufficientEvidenceError

__all__ = ["FEWEST_OUTCOMES", "MIN_UNITS", "known_mean", "mean_interval", "sequence_half_width"]

TIGHTEST_AT = 3_000
"""Number of units at which the confidence sequence is tightest."""

MIN_UNITS = 100
"""Below this many units the asymptotic interval is not trusted, and there is no answer."""

FEWEST_OUTCOMES = 20
"""Below so many outcomes, or units without one, an asymptotic interval is not trusted however many units there are."""


def sequence_half_width(n: float, variance: float, *, alpha: float) -> float:
    """Half width of an asymptotic confidence sequence for a mean of ``n`` units.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), Time-uniform central limit theory, Theorem 2.2.
    """
    rho_sq = (-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / TIGHTEST_AT
    grown = n * rho_sq + 1
    return float(np.sqrt(variance * 2 * grown / (n**2 * rho_sq) * np.log(np.sqrt(grown) / alpha)))


def mean_interval(n: float, total: float, total_sq: float, *, alpha: float, is_value: bool = False) -> Interval:
    """Mean of a population of which more is seen with time, with its confidence sequence.

    Parameters
    ----------
    n, total, total_sq
        Units, the sum of what they came to, and that of its squares. Where each came to 0 or 1, and few to one of
        them, the sequence is exact.
    is_value
        Whether units come to values of any size, and are not merely hit or not: then nothing is known as long as all
        are 0.

    Raises
    ------
    InsufficientEvidenceError
        With fewer than ``MIN_UNITS`` units, or only zeros of values.
    """
    if n < MIN_UNITS:
        raise InsufficientEvidenceError(
            f"There are {int(n)} customers.",
            hint=f"a mean is shown from {MIN_UNITS}; {MIN_UNITS - int(n)} more are needed.",
        )
    if is_value and total_sq == 0:
        raise InsufficientEvidenceError("No value came yet.", hint="wait for one: nothing says how large they are.")
    if not is_value and total == total_sq and min(total, n - total) < FEWEST_OUTCOMES:
        return _share_interval(n, total, alpha=alpha)
    mean = total / n
    half = sequence_half_width(n, max(total_sq / n - mean**2, 0.0), alpha=alpha)
    return Interval(estimate=mean, lower=mean - half, upper=mean + half)


def _share_interval(n: float, hits: float, *, alpha: float) -> Interval:
    """A share with its exact confidence sequence: all p that a mixture over p (Jeffreys' prior) does not refute.

    References
    ----------
    Robbins (1970), Statistical methods related to the law of the iterated logarithm; Ville's inequality.
    """
    least = betaln(hits + 0.5, n - hits + 0.5) - betaln(0.5, 0.5) + np.log(alpha)

    def likely(p: float) -> float:
        return float(xlogy(hits, p) + xlog1py(n - hits, -p) - least)

    share = hits / n
    lower = brentq(likely, 0.0, share) if likely(0.0) < 0 else 0.0
    upper = brentq(likely, share, 1.0) if likely(1.0) < 0 else 1.0
    return Interval(estimate=share, lower=float(lower), upper=float(upper))


def known_mean(n: float, total: float, total_sq: float, *, alpha: float, is_value: bool = False) -> Interval | None:
    """As ``mean_interval``; None while too few are known."""
    try:
        return mean_interval(n, total, total_sq, alpha=alpha, is_value=is_value)
    except InsufficientEvidenceError:
        return None
