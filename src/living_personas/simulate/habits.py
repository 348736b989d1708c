"""What customers do of their own accord, as means over a persona's members."""

from __future__ import annotations

import numpy as np

from living_personas.domain.value import value
from living_personas.stats.arrays import Floats

__all__ = ["HABITS", "Habits", "habit_table"]


@value
class Habits:
    """Means over members: counts are per 28 days, ``features`` per session, shares in [0, 1].

    ``discounted`` is the share of orders with a discount, ``order_value`` what an order comes to, ``orders_before`` how
    many orders the CRM knows of each, ``deal`` the share that came through a campaign of deals, ``hour`` the usual one.
    """

    sessions: float = 4.0
    features: float = 1.0
    pricing: float = 0.4
    tickets: float = 0.1
    ads: float = 0.4
    opened: float = 0.4
    clicked: float = 0.12
    discounted: float = 0.2
    order_value: float = 45.0
    orders_before: float = 0.0
    deal: float = 0.06
    hour: float = 15.0


HABITS: tuple[str, ...] = (
    "sessions",
    "features",
    "pricing",
    "tickets",
    "ads",
    "opened",
    "clicked",
    "discounted",
    "order_value",
    "orders_before",
    "deal",
    "hour",
)


def habit_table(habits: tuple[Habits, ...]) -> dict[str, Floats]:
    """Each habit as a column over the groups."""
    return {name: np.array([getattr(each, name) for each in habits], dtype=np.float64) for name in HABITS}
