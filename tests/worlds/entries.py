"""Customers of two hashed groups over a year: when they entered, what they were before, and what they did since."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from living_personas.domain.belief import Interval
from living_personas.stats.adjusted import EntrySums, daily_difference
from living_personas.stats.arrays import Floats, Ints
from living_personas.stats.intervals import FEWEST_OUTCOMES, MIN_UNITS
from living_personas.stats.ratio import ClusterSums, rate_difference

LOOKS = range(28, 365, 14)


class Lives(NamedTuple):
    """Customers of one group: when they entered, what they were before, and what they had done by each look."""

    entered: Ints
    bought_before: Floats
    visits_before: Floats
    bought: Floats
    visits: Floats


def lives(customers: int, *, seed: int, visits: float = 1.0, buys: float = 1.0) -> Lives:
    """Customers who differ ten times in how often they buy; ``visits`` and ``buys`` are what their group does more."""
    rng = np.random.Generator(np.random.PCG64(seed))
    entered = rng.integers(0, 300, customers)
    own = 0.01 * rng.gamma(0.5, 2.0, customers)
    come = 0.1 * rng.gamma(1.0, 1.0, customers) + own
    weeks = np.clip(np.array(LOOKS) - entered[:, None], 0, LOOKS.step)
    return Lives(
        entered=entered,
        bought_before=rng.poisson(own * 90).astype(float),
        visits_before=rng.poisson(come * 90).astype(float),
        bought=rng.poisson(own[:, None] * buys * weeks).cumsum(1).astype(float),
        visits=1 + rng.poisson(come[:, None] * visits * weeks).cumsum(1).astype(float),
    )


def entry_sums(group: Lives, look: int, *, adjusted: bool = True) -> EntrySums:
    x = (LOOKS[look] - group.entered).astype(float)
    there = x > 0
    y = group.bought[:, look]
    before = [each * adjusted for each in (group.bought_before, group.visits_before)]
    columns = np.column_stack([x, y, before[0] * x, before[1] * x])[there]
    return EntrySums(
        customers=float(there.sum()), outcomes=float(y[there].sum()), sums=columns.sum(0), products=columns.T @ columns
    )


def unit_sums(group: Lives, look: int) -> ClusterSums:
    there = group.entered < LOOKS[look]
    x, y = group.visits[there, look], group.bought[there, look]
    return ClusterSums(float(there.sum()), x.sum(), y.sum(), (x**2).sum(), (y**2).sum(), (x * y).sum())


def differences(living: Lives, static: Lives, *, adjusted: bool = True) -> list[Interval]:
    """What is shown at each look of the year."""
    pairs = [[entry_sums(group, k, adjusted=adjusted) for group in (living, static)] for k in range(len(LOOKS))]
    shown = [pair for pair in pairs if min(each.outcomes for each in pair) >= FEWEST_OUTCOMES]
    return [daily_difference(*pair, alpha=0.05) for pair in shown]


def per_visit(living: Lives, static: Lives) -> list[Interval]:
    """The same per unit, as it was before."""
    pairs = [[unit_sums(group, k) for group in (living, static)] for k in range(len(LOOKS))]
    return [rate_difference(*pair, alpha=0.05) for pair in pairs if min(each.customers for each in pair) >= MIN_UNITS]
