"""Wealth: what challengers hold, what they are given and hand over, and how it grows by their bets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from living_personas.refining.ledger import Entry
from living_personas.refining.panel import Panel
from living_personas.stats.arrays import Bools, Floats, Ints, short_sum
from living_personas.stats.eprocess import LIFT_WEIGHTS

__all__ = ["Held", "day_mass", "grown", "moved"]

YEARLY_MASS = 0.2
"""Wealth that the challengers of a definition receive in a year, beside what they begin with."""
BOLDEST_LOG, RICHEST = 300.0, 1e150
"""Caps of a day's log factor and of wealth, far beyond any decision: their product must stay a number."""


class Held(NamedTuple):
    """What the challengers of each subject hold, and who was named: (A, K, 5), (A, K) and (A,)."""

    wealth: Floats
    principal: Floats
    nominee: Ints


def day_mass(entry: Entry, active: Bools) -> Floats:
    """The new mass of a day, for subjects that are active, shape ``(A, K)``."""
    return np.where(active[:, None], YEARLY_MASS / 365 * entry.omega, 0.0)


def grown(wealth: Floats, logs: Floats, playing: Bools) -> Floats:
    """Wealth after a day's bets of those that play, and below a cap that no decision needs."""
    after = np.minimum(wealth, RICHEST) * np.exp(np.where(playing[..., None], np.minimum(logs, BOLDEST_LOG), 0.0))
    return np.asarray(np.minimum(after, RICHEST), dtype=np.float64)


def moved(held: Held, panel: Panel, entry: Entry, active: Bools, *, mass: Floats) -> Held:
    """The new mass of a day, or a part of it (A,), and the transfers to a newly named nominee."""
    new = day_mass(entry, active) * mass[:, None]
    wealth = held.wealth + new[..., None] * LIFT_WEIGHTS
    principal = held.principal + new
    named = active & (entry.nominee >= 0) & (entry.nominee != held.nominee) & (entry.nominee != panel.current)
    is_nominee = np.arange(panel.width) == entry.nominee[:, None]
    gives = named[:, None] & panel.mask & ~panel.is_current & ~is_nominee
    total = short_sum(wealth)
    handed = np.where(gives, np.minimum(total, principal), 0.0)
    left = np.where(total > 0, 1 - handed / np.where(total > 0, total, 1.0), 1.0)
    wealth = wealth * left[..., None]
    received = np.where(is_nominee, short_sum(handed)[:, None], 0.0)
    wealth = wealth + received[..., None] * LIFT_WEIGHTS
    return Held(wealth, principal - handed + received, np.where(active, entry.nominee, held.nominee))
