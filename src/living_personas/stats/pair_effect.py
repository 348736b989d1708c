"""What one option brought more than another, day by day and stratum by stratum: moving base rates cancel out."""

from __future__ import annotations

import numpy as np

from living_personas.domain.belief import Interval
from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.arrays import Floats, Ints
from living_personas.stats.eprocess import Sums
from living_personas.stats.intervals import FEWEST_OUTCOMES, sequence_half_width

__all__ = [
    "LONGEST",
    "SHORTEST",
    "WINDOW_UNITS",
    "ahead_since",
    "pair_effect",
    "pair_ratio",
    "window_start",
]

WINDOW_UNITS, SHORTEST, LONGEST = 20_000, 28, 120
"""An effect is that of the last days that hold so many units, but of no fewer and no more days than these."""

PRIOR_LOG_ODDS = 0.18 * np.sqrt(2)
"""Deviation of a difference of two options, each with the deviation .18 on log odds that the allocation expects."""


def pair_effect(new: Sums, old: Sums, *, alpha: float, is_value: bool = False) -> Interval:
    """Difference of mean outcomes new - old, compared within each stratum and weighted by what it can tell.

    The estimate is ``sum(v d) / sum(v)`` with ``d`` the difference of means in a stratum and
    ``v = n_new n_old / (n_new + n_old)``, drawn towards 0 as differences of that size are rare, never out of its
    interval.

    Parameters
    ----------
    new, old
        Units, sums and sums of squares of each option, shape ``(R,)``: a row is one stratum of one day under one
        policy, within which chance alone chose between the two.
    alpha
        One minus the coverage; the interval spends half of it.
    is_value
        Whether outcomes are values: then each option has a variance of its own.

    Raises
    ------
    InsufficientEvidenceError
        If either option has fewer than ``FEWEST_OUTCOMES`` outcomes in strata where both were met. Of values the
        effective number counts, ``sum^2 / sum_sq``: one large order is one outcome.

    References
    ----------
    Waudby-Smith et al. (2024) for the half width; Kish (1965) for the effective number.
    """
    new, old, v = _met_beside(new, old)
    gap = new.sum / new.n - old.sum / old.n
    raw = float((v * gap).sum() / v.sum())
    se_sq = _variance(new, old, v, is_value=is_value)
    units = float(new.n.sum() + old.n.sum())
    half = sequence_half_width(units, se_sq * units, alpha=alpha / 2)
    lower, upper = raw - half, raw + half
    spread_sq = _expected(new, old) ** 2
    shrunk = raw * spread_sq / (spread_sq + se_sq) if spread_sq + se_sq > 0 else raw
    return Interval(estimate=float(np.clip(shrunk, lower, upper)), lower=lower, upper=upper)


def pair_ratio(new: Sums, old: Sums, *, alpha: float, is_value: bool = False) -> Interval:
    """How many times as much ``new`` brought as ``old``: the ratio of their means over the strata of ``pair_effect``.

    Its interval holds every r for which ``mean_new - r mean_old`` may be 0, by the sequence of ``pair_effect`` (whose
    interval is that of r = 1): it holds 1 exactly where the interval of the difference holds 0.

    Raises
    ------
    InsufficientEvidenceError
        As ``pair_effect``; and where ``old`` may have brought nothing, so that there is no upper end.

    References
    ----------
    Fieller (1954), Some problems in interval estimation.
    """
    effect = pair_effect(new, old, alpha=alpha, is_value=is_value)
    new, old, v = _met_beside(new, old)
    share = v / v.sum()
    top, bottom = (float((share * each.sum / each.n).sum()) for each in (new, old))
    q = float((new.sum.sum() + old.sum.sum()) / (new.n.sum() + old.n.sum()))
    spread = [
        float((share**2 * (_own_variance(each) if is_value else max(q * (1 - q), 0.0)) / each.n).sum())
        for each in (new, old)
    ]
    units = float(new.n.sum() + old.n.sum())
    width_sq = sequence_half_width(units, units, alpha=alpha / 2) ** 2
    a, half_b, c = bottom**2 - width_sq * spread[1], top * bottom, top**2 - width_sq * spread[0]
    if bottom <= 0 or a <= 0:
        raise InsufficientEvidenceError(
            "How many times as much an option brought has no upper end yet.",
            hint="wait for outcomes of the other.",
        )
    root = float(np.sqrt(max(half_b**2 - a * c, 0.0)))
    lower, upper = max((half_b - root) / a, 0.0), (half_b + root) / a
    return Interval(estimate=float(np.clip(1 + effect.estimate / bottom, lower, upper)), lower=lower, upper=upper)


def window_start(days: Ints, units: Floats) -> int:
    """The first of the last days that hold ``WINDOW_UNITS`` units: at least ``SHORTEST`` days, at most ``LONGEST``.

    Parameters
    ----------
    days, units
        Day numbers in order of time, at least one, and the units of each; shape ``(R,)``, days may repeat.

    >>> window_start(np.arange(100), np.full(100, 1_000.0)), window_start(np.arange(100), np.full(100, 500.0))
    (72, 60)
    """
    last = int(days[-1])
    counted = np.cumsum(units[::-1])
    enough = np.flatnonzero(counted >= WINDOW_UNITS)
    wanted = int(days[::-1][enough[0]]) if enough.size else last - LONGEST
    return max(min(wanted, last - SHORTEST + 1), last - LONGEST + 1, int(days[0]))


def ahead_since(new: Sums, old: Sums, days: Ints) -> int:
    """The day on which the stretch began in which ``new`` has been ahead: the first after its sum of leads was least.

    That is where a lead that changed its sign once most probably changed it; the day itself is known only roughly.

    Parameters
    ----------
    new, old, days
        As for ``pair_effect``, with the day number of each row in order of time; shape ``(R,)``.

    Raises
    ------
    InsufficientEvidenceError
        If there is no stratum in which both options were met.
    """
    v = _weights(new.n, old.n)
    if not (v > 0).any():
        raise InsufficientEvidenceError("The two options were never met beside each other.", hint="wait for units.")
    met = v > 0
    gap = new.sum[met] / new.n[met] - old.sum[met] / old.n[met]
    known, place = np.unique(days[met], return_inverse=True)
    lead = np.cumsum(np.bincount(place, weights=v[met] * gap))
    behind = int(lead.argmin()) + 1 if lead.min() < 0 else 0
    return int(known[min(behind, known.size - 1)])


def _met_beside(new: Sums, old: Sums) -> tuple[Sums, Sums, Floats]:
    """The strata in which both options were met, and what each can tell; with too few outcomes there is no answer."""
    v = _weights(new.n, old.n)
    both = v > 0
    new, old = (Sums(*(part[both] for part in sums)) for sums in (new, old))
    _check_outcomes(new, old)
    return new, old, v[both]


def _weights(n_new: Floats, n_old: Floats) -> Floats:
    total = n_new + n_old
    return np.asarray(n_new * n_old / np.where(total > 0, total, 1.0), dtype=np.float64)


def _outcomes(sums: Sums) -> float:
    """How many outcomes there are: for 0 and 1 their sum, for values the effective number."""
    squares = float(sums.sum_sq.sum())
    return float(sums.sum.sum()) ** 2 / squares if squares > 0 else 0.0


def _check_outcomes(new: Sums, old: Sums) -> None:
    fewest = min(_outcomes(new), _outcomes(old))
    if fewest < FEWEST_OUTCOMES:
        raise InsufficientEvidenceError(
            f"An option has {int(fewest)} outcomes.",
            hint=f"an effect is shown from {FEWEST_OUTCOMES} outcomes of each option: "
            f"{FEWEST_OUTCOMES - int(fewest)} more.",
        )


def _variance(new: Sums, old: Sums, v: Floats, *, is_value: bool) -> float:
    """Variance of the estimate."""
    if not is_value:
        q = float((new.sum.sum() + old.sum.sum()) / (new.n.sum() + old.n.sum()))
        return max(q * (1 - q), 0.0) / float(v.sum())  # v^2 (1/n_new + 1/n_old) = v
    spread = sum((v**2 * _own_variance(each) / each.n).sum() for each in (new, old))
    return float(spread / v.sum() ** 2)


def _own_variance(sums: Sums) -> float:
    n = float(sums.n.sum())
    return max(float(sums.sum_sq.sum()) / n - (float(sums.sum.sum()) / n) ** 2, 0.0)


def _expected(new: Sums, old: Sums) -> float:
    """How large differences are: the deviation on log odds, as one of outcomes, .18 sqrt(2) q (1 - q)."""
    both = Sums(*(one + other for one, other in zip(new, old, strict=True)))
    n = float(both.n.sum())
    return float(PRIOR_LOG_ODDS * abs(both.sum.sum()) / n * (1 - min(_outcomes(both) / n, 1.0)))
