"""300 attributes at once, 30 of them wrong: wrong changes among all, and wrong beliefs that are found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from living_personas.domain.settings import Promise, Settings
from refinement.figures import Benchmark, Figure, mean
from refinement.lived import SEED, people
from worlds.cells import CellWorld, drawn

MANY, WRONG, DAYS = 300, 30, 90
UNITS = 400
"""A day of each attribute: so many that a promise for each finds about .87 of the wrong beliefs."""


def many(promise: Promise) -> Benchmark:
    """30 of 300 beliefs are wrong by 30 %, and 90 days to find them."""

    def run(count: int) -> Iterator[Figure]:
        rates = np.full((MANY, 4), 0.03)
        rates[:WRONG, 3] *= 1.3
        wrong, found = np.zeros(count), np.zeros(count)
        for place in range(count):
            settings = Settings(name="world", salt="a salt for worlds", holdout=0.0, promise=promise)
            supply = drawn(lambda _day: rates, units_a_day=UNITS, seed=SEED + place)
            world = CellWorld(people(MANY), supply, settings=settings).run(DAYS)
            right = sum(name < f"p{WRONG:04d}" and each.new == "o3" for name, each in world.corrected.items())
            wrong[place] = (len(world.corrected) - right) / max(len(world.corrected), 1)
            found[place] = right / WRONG
        is_all = promise == "all"
        yield mean("wrong among all changes (FDR)", wrong, bar=0.02 if is_all else None)
        yield mean("wrong beliefs found (power)", found, bar=0.77 if is_all else None, side="at least")

    return Benchmark(run, worlds=20, quick=2)


PORTFOLIO = {"300 attributes, each": many("each"), "300 attributes, all": many("all")}
