"""Effects with intervals that hold at every time at once, from cells."""

from __future__ import annotations

import numpy as np

from living_personas.domain.belief import Interval
from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums

__all__ = ["MIN_UNITS", "aipw_effect", "mean_interval", "sequence_half_width"]

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


def aipw_effect(sums: Sums, shares: Floats, *, new: int, old: int, alpha: float) -> Interval:
    """Difference of mean outcomes new - old, by augmented inverse propensity weighting.

    Parameters
    ----------
    sums
        Units, sums and sums of squares in order of time, shape ``(T, K)``; rows of one day may be strata.
    shares
        Assignment probabilities, shape ``(T, K)``. They need not sum to 1: units of options without a share are left
        out, and the others are taken as drawn among themselves.
    new, old
        Columns to compare.
    alpha
        One minus the coverage, over all times at once.

    Raises
    ------
    InsufficientEvidenceError
        If either option has fewer than ``MIN_UNITS`` units.

    Notes
    -----
    Each option's own mean is its plug-in. It is not known beforehand, but differs from one that is by O(1/n), which
    the interval does not see; with steady shares the estimate is then exactly the difference of means.

    References
    ----------
    Waudby-Smith, Wu, Ramdas, Karampatziakis & Mineiro (2022), Anytime-valid off-policy inference.
    """
    usable = (shares[:, new] > 0) & (shares[:, old] > 0)
    n, s, q = (np.where(shares[usable] > 0, part[usable], 0.0) for part in sums)
    among = shares[usable] / shares[usable].sum(1, keepdims=True)
    p_new, p_old = among[:, new], among[:, old]
    fewest = min(n[:, new].sum(), n[:, old].sum()) if n.size else 0.0
    if fewest < MIN_UNITS:
        raise InsufficientEvidenceError(
            f"An option has {int(fewest)} units.",
            hint=f"an effect is shown from {MIN_UNITS} units of each option: {MIN_UNITS - int(fewest)} more.",
        )
    m_new, m_old = s[:, new].sum() / n[:, new].sum(), s[:, old].sum() / n[:, old].sum()
    gap = m_new - m_old
    units = n.sum(1)
    rest_new, rest_old = s[:, new] - m_new * n[:, new], s[:, old] - m_old * n[:, old]
    total = (units * gap + rest_new / p_new - rest_old / p_old).sum()
    sq_new = q[:, new] - 2 * m_new * s[:, new] + m_new**2 * n[:, new]
    sq_old = q[:, old] - 2 * m_old * s[:, old] + m_old**2 * n[:, old]
    cross = 2 * gap * (rest_new / p_new - rest_old / p_old)
    second = (units * gap**2 + cross + sq_new / p_new**2 + sq_old / p_old**2).sum()
    count = units.sum()
    mean = total / count
    half = sequence_half_width(count, max(second / count - mean**2, 0.0), alpha=alpha)
    return Interval(estimate=float(mean), lower=float(mean - half), upper=float(mean + half))


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
