"""Customers who choose for themselves: those who buy more take other options than the rest, and none does a thing."""

from __future__ import annotations

from datetime import date

import numpy as np

from living_personas.domain.cell import Cells
from living_personas.domain.snapshot import Snapshot
from living_personas.memory.records import POLICIES
from living_personas.simulate.cells import cells_of
from worlds.cells import CellWorld, persona, rng

OPTIONS = ("o0", "o1", "o2", "o3")
CHOSEN = "chosen"
UNITS = 1000
TAKE = np.array([[0.1, 0.2, 0.2, 0.5], [0.4, 0.3, 0.3, 0.0]])
"""What the two kinds of customers take; together, each option as often as any other."""

RATES = np.array([0.036, 0.0243])
"""How many of each kind buy, whatever they took: odds of 1.5."""


def confounded(*, personas: int, days: int, seed: int, claimed: bool) -> CellWorld:
    """A world lived so; ``claimed`` says of the shares that chance drew them, otherwise nothing is said."""
    generator = rng(seed)

    def supply(number: int, day: date, snapshot: Snapshot) -> Cells:
        del number
        names = [each.persona for each in snapshot.personas]
        kinds = generator.binomial(UNITS, 0.5, len(names))
        units = [generator.multinomial(count, take) for count, take in zip((kinds, UNITS - kinds), TAKE, strict=True)]
        bought = sum(generator.binomial(n, rate) for n, rate in zip(units, RATES, strict=True))
        return cells_of(
            names,
            [OPTIONS] * len(names),
            attributes=["framing"] * len(names),
            policies=[CHOSEN] * len(names),
            units=units[0] + units[1],
            bought=np.asarray(bought),
            day=day,
        )

    world = CellWorld([persona(f"p{i:03d}") for i in range(personas)], supply)
    if claimed:
        POLICIES.write(world.context.store, CHOSEN, dict.fromkeys(OPTIONS, 1 / len(OPTIONS)))
    return world.run(days)
