"""How much readier than the mean a customer is to act: the spread of customers' own odds, in two families."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import logit
from scipy.stats import gamma, norm

from living_personas.simulate.spec import Family
from living_personas.stats.arrays import Floats

__all__ = ["draw_factors", "frailty_points", "neutral_odds", "rate_at"]

_POINTS = 256


def draw_factors(rng: np.random.Generator, size: int, *, family: Family, spread: float) -> Floats:
    """Random factors with mean 1 and this standard deviation; all 1 if there is no spread."""
    if spread <= 0:
        return np.ones(size)
    if family == "gamma":
        shape = spread**-2
        return rng.gamma(shape, 1 / shape, size)
    sigma = np.sqrt(np.log1p(spread**2))
    return np.asarray(np.exp(sigma * rng.standard_normal(size) - sigma**2 / 2), dtype=np.float64)


def frailty_points(*, family: Family, spread: float) -> Floats:
    """Equally probable factors that stand for the whole population of customers."""
    if spread <= 0:
        return np.ones(1)
    middles = (np.arange(_POINTS) + 0.5) / _POINTS
    if family == "gamma":
        shape = spread**-2
        return np.asarray(gamma.ppf(middles, shape, scale=1 / shape), dtype=np.float64)
    sigma = np.sqrt(np.log1p(spread**2))
    return np.asarray(np.exp(sigma * norm.ppf(middles) - sigma**2 / 2), dtype=np.float64)


def rate_at(odds: float, points: Floats) -> float:
    """The mean probability of customers with these odds times their own factor.

    >>> rate_at(0.25, np.ones(1))
    0.2
    """
    return float(np.mean(odds * points / (1 + odds * points)))


def neutral_odds(rate: float, points: Floats) -> float:
    """The odds at which the mean probability is ``rate``."""

    def miss(log_odds: float) -> float:
        return rate_at(float(np.exp(log_odds)), points) - rate

    middle = float(logit(rate))
    return float(np.exp(brentq(miss, middle - 5, middle + 5, xtol=1e-12)))
