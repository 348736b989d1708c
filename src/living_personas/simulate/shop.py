"""The shop that all named worlds are about: four kinds of customers, and one that nobody thought of."""

from __future__ import annotations

from living_personas.simulate.habits import Habits
from living_personas.simulate.spec import PersonaSpec, SegmentSpec

__all__ = ["BUDGET", "EXPLORER", "HUNTER", "REGULAR", "SHOP", "SILENT"]

BUDGET = PersonaSpec(
    id="budget-first-buyer",
    name="Budget-conscious first-time buyer",
    who="orders_total = 0 and (pricing_views_28d >= 2 or utm_campaign like '%deal%')",
    share=0.30,
    newcomers=0.65,
    base_rate=0.04,
    habits=Habits(sessions=2.5, features=0.5, pricing=4.5, ads=0.5, deal=0.5, hour=20),
    becomes=(("deal-hunter", 0.45), ("steady-regular", 0.55)),
    brief="First visit or first order; compares prices.",
)

HUNTER = PersonaSpec(
    id="deal-hunter",
    name="Deal hunter",
    who="orders_total >= 1 and discounted_order_share >= 0.5",
    share=0.22,
    base_rate=0.09,
    habits=Habits(
        sessions=2.5, features=0.4, pricing=0.8, ads=0.6, opened=0.45, discounted=0.8, orders_before=2.2, hour=21
    ),
    brief="Buys when something is off, and knows when.",
)

REGULAR = PersonaSpec(
    id="steady-regular",
    name="Steady regular",
    who="orders_total >= 1",
    share=0.26,
    base_rate=0.07,
    habits=Habits(
        sessions=3, features=0.6, pricing=0.3, ads=0.2, opened=0.4, discounted=0.12, orders_before=3, hour=12
    ),
    brief="Orders again without being asked; calls when something is late.",
)

EXPLORER = PersonaSpec(
    id="curious-explorer",
    name="Curious explorer",
    who="sessions_28d >= 1",
    share=0.22,
    newcomers=0.35,
    base_rate=0.03,
    habits=Habits(sessions=4.5, features=1, pricing=0.3, ads=0.3, opened=0.42, hour=16),
    becomes=(("deal-hunter", 0.3), ("steady-regular", 0.7)),
    brief="Looks around and has not bought; whoever fits nowhere else is here.",
)

SHOP = (BUDGET, HUNTER, REGULAR, EXPLORER)
"""In order of priority. Their rules err: some budget buyers see no prices for a month, the only order of some hunters
had no discount, and whoever has bought for the first time is somebody else."""

SILENT = SegmentSpec(
    id="silent-evaluator",
    name="Silent evaluator",
    home="curious-explorer",
    share=0.055,
    base_rate=0.012,
    habits=Habits(
        sessions=13, features=5, pricing=0.2, tickets=0.05, ads=0.02, opened=0.005, clicked=0, deal=0.02, hour=10
    ),
    channel_odds=(("in_product", 8.0),),
)
"""Uses the product heavily, opens nothing, clicks no ads - and buys when a nudge in the product says so."""
