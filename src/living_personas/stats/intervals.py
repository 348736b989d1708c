"""Means with intervals that hold at every time at once."""

from __future__ import annotations

import numpy as np

from living_personas.domain.belief import Interval
from living_personas.errors import InsufficientEvidenceError

__all__ = ["MIN_UNITS", "known_mean", "mean_interval", "sequence_half_width"]

TIGHTEST_AT = 3_000
"""Number of units at which the confidence sequence is tightest."""

MIN_UNITS = 100
"""Below this many units the asymptotic interval is not trusted, and there is no answer."""


def sequence_half_width(n: float, variance: float, *, alpha: float) -> float:
    """Half width of an asymptotic confidence sequence for a mean of ``n`` units.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), Time-uniform central limit theory, Theorem 2.2.
    """
    rho_sq = (-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / TIGHTEST_AT
    grown = n * rho_sq + 1
    return float(np.sqrt(variance * 2 * grown / (n**2 * rho_sq) * np.log(np.sqrt(grown) / alpha)))


def mean_interval(n: float, total: float, total_sq: float, *, alpha: float) -> Interval:
    """Mean of a population of which more is seen with time, with its confidence sequence.

    Raises
    ------
    InsufficientEvidenceError
        With fewer than ``MIN_UNITS`` units.
    """
    if n < MIN_UNITS:
        raise InsufficientEvidenceError(
            f"There are {int(n)} customers.",
            hint=f"a mean is shown from {MIN_UNITS}; {MIN_UNITS - int(n)} more are needed.",
        )
    mean = total / n
    half = sequence_half_width(n, max(total_sq / n - mean**2, 0.0), alpha=alpha)
    return Interval(estimate=mean, lower=mean - half, upper=mean + half)


def known_mean(n: float, total: float, total_sq: float, *, alpha: float) -> Interval | None:
    """As ``mean_interval``; None while too few are known."""
    try:
        return mean_interval(n, total, total_sq, alpha=alpha)
    except InsufficientEvidenceError:
        return None
