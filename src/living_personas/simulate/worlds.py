"""Worlds with names: the demo's, one with nothing to find, and those that the hypothesis is tried on."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np

from living_personas.simulate.chance import stream
from living_personas.simulate.shop import BUDGET, EXPLORER, HUNTER, REGULAR, SHOP, SILENT
from living_personas.simulate.spec import Flip, Option, Preference, Season, TraitBelief, WorldSpec

__all__ = [
    "CUSTOMERS",
    "DAYS",
    "HypothesisKind",
    "WorldName",
    "demo_spec",
    "hypothesis_spec",
    "null_spec",
    "world_spec",
]

HypothesisKind: TypeAlias = Literal["static", "moving", "flipping"]
WorldName: TypeAlias = Literal["demo", "null", "static", "moving", "flipping"]

CUSTOMERS, DAYS = 6_000, 120
"""Customers enough for each proof of the demo, and few enough for a story of a minute or two; and its days."""

DEMO_HOLDOUT = 0.15
"""So many that the gain over the personas as first written is measured within the demo's days."""


def world_spec(name: WorldName, seed: int, *, customers: int = CUSTOMERS, days: int = DAYS) -> WorldSpec:
    """The world of this name: the demo's, one with nothing to find, or one that the hypothesis is tried on."""
    if name == "demo":
        return demo_spec(seed, customers=customers, days=days)
    if name == "null":
        return null_spec(seed, customers=customers, days=days)
    return hypothesis_spec(name, seed, customers=customers, days=days)


def demo_spec(seed: int, *, customers: int = CUSTOMERS, days: int = DAYS) -> WorldSpec:
    """The demo: a wrong belief, a right one, one that turns wrong, one nobody can decide, and a hidden segment."""
    send_time = replace(
        _SEND_TIME, believed="morning", flips=(Flip(day=days // 2, odds=(0.65, 0.8, 2.4)),), why="They read it at work."
    )
    value = TraitBelief(name="average_order_value", believed=40, unit="EUR")
    regulars = replace(REGULAR.habits, order_value=62)
    return WorldSpec(
        name="demo",
        seed=seed,
        customers=customers,
        days=days,
        personas=(
            replace(BUDGET, preferences=(replace(_FRAMING, believed="discount"),), traits=(_MOBILE,)),
            replace(HUNTER, preferences=(_OFFER,)),
            replace(REGULAR, preferences=(send_time,), traits=(value,), habits=regulars),
            replace(EXPLORER, preferences=(_CONTENT,)),
        ),
        segments=(SILENT,),
        season=Season(weekly=0.15, trend=0.3),
        holdout=DEMO_HOLDOUT,
    )


def null_spec(seed: int, *, customers: int = CUSTOMERS, days: int = DAYS) -> WorldSpec:
    """The same shop with nothing to find: every belief is right or as good as any, and there are personas only."""
    value = TraitBelief(name="average_order_value", believed=REGULAR.habits.order_value, unit="EUR")
    return WorldSpec(
        name="null",
        seed=seed,
        customers=customers,
        days=days,
        personas=(
            replace(
                BUDGET, preferences=(replace(_FRAMING, believed="quality", why="We sell quality."),), traits=(_MOBILE,)
            ),
            replace(HUNTER, preferences=(_OFFER,)),
            replace(REGULAR, preferences=(_SEND_TIME,), traits=(value,)),
            replace(EXPLORER, preferences=(_CONTENT,)),
        ),
        season=Season(weekly=0.15, trend=0.3),
        holdout=DEMO_HOLDOUT,
    )


def hypothesis_spec(kind: HypothesisKind, seed: int, *, customers: int = 12_000, days: int = DAYS) -> WorldSpec:
    """A world whose truth is drawn by its seed: which beliefs are wrong and by how much, and whether anybody is hidden.

    Each persona has two attributes of three options. A belief is as good as any with probability .3, else wrong or
    right with equal chances; the best option's odds are 1.25 to 2 times those of the others. Base rates stand still in
    a *static* world; they move by the week and by a trend in a *moving* one; in a *flipping* one, moreover, a third of
    the attributes change their best option on a day of the middle third. Half of the worlds hide silent evaluators, and
    the two families of behaviour take turns.
    """
    rng = stream(seed, "worlds", ("static", "moving", "flipping").index(kind))
    personas = tuple(
        replace(
            persona,
            base_rate=float(persona.base_rate * rng.uniform(0.7, 1.4)),
            preferences=tuple(_drawn(f"{persona.id}-{name}", kind, days, rng) for name in ("framing", "tone")),
        )
        for persona in SHOP
    )
    share = float(rng.uniform(0.04, 0.07))
    return WorldSpec(
        name=kind,
        seed=seed,
        customers=customers,
        days=days,
        personas=personas,
        segments=(replace(SILENT, share=share),) if rng.random() < 0.5 else (),
        season=Season() if kind == "static" else Season(weekly=0.3, trend=float(rng.uniform(-0.6, 1.0))),
        family="gamma" if seed % 2 == 0 else "lognormal",
    )


_BEST_ODDS = (1.25, 2.0)
_NO_DIFFERENCE, _FLIPPING = 0.3, 1 / 3

_MOBILE = TraitBelief(name="mobile_share", believed=0.6)

_FRAMING = Preference(
    attribute="framing",
    believed="discount",
    options=(
        Option(name="discount"),
        Option(name="quality", odds=2.3),
        Option(name="social_proof"),
        Option(name="convenience", odds=0.95),
    ),
    confidence="workshop",
    why="Sales hear price first.",
)
_OFFER = Preference(
    attribute="offer",
    believed="ten_percent_off",
    options=(
        Option(name="ten_percent_off", delay_days=1.0),
        Option(name="free_returns", odds=0.55, delay_days=2.5),
        Option(name="bundle", odds=0.5, delay_days=2.0),
    ),
    confidence="some data",
    why="Last year's coupons sold out.",
)
_SEND_TIME = Preference(
    attribute="send_time",
    believed="morning",
    options=(Option(name="morning"), Option(name="midday", odds=0.8), Option(name="evening", odds=0.7)),
)
_CONTENT = Preference(
    attribute="content",
    believed="tutorial",
    options=(Option(name="tutorial"), Option(name="case_study"), Option(name="webinar")),
    confidence="none",
    why="Somebody had to choose one.",
)


def _drawn(name: str, kind: HypothesisKind, days: int, rng: np.random.Generator) -> Preference:
    """A preference about an attribute with three options, as chance has it."""
    odds = np.ones(3)
    best = int(rng.integers(3))
    different = rng.random() >= _NO_DIFFERENCE
    if different:
        odds[best] = rng.uniform(*_BEST_ODDS)
    right = bool(rng.random() < 0.5)
    flip, turned, day = rng.random() < _FLIPPING, np.roll(odds, 1), int(rng.integers(days // 3, 2 * days // 3 + 1))
    believed = best if right else (best + 1) % 3
    options = tuple(Option(name=f"option-{letter}", odds=float(x)) for letter, x in zip("abc", odds, strict=True))
    flips = (Flip(day=day, odds=tuple(map(float, turned))),) if kind == "flipping" and different and flip else ()
    return Preference(attribute=name, believed=options[believed].name, options=options, flips=flips)
