"""What MABWiser's Thompson sampling loses in the same worlds, where it is installed; it promises nothing."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from refinement.allocation import DAYS, RATES
from refinement.figures import Benchmark, Figure, mean
from refinement.lived import SEED, UNITS
from worlds.cells import rng

LIBRARY = "mabwiser"


def missing() -> str:
    """Why its benchmarks are left out; empty if they are not."""
    return "" if find_spec(LIBRARY) else f"Left out: {LIBRARY} is not installed (`pip install {LIBRARY}`)."


def thompson(name: str) -> Benchmark:
    """Beta-Bernoulli Thompson sampling over all that was seen, told outcomes at the end of each day.

    Before the first day each option failed once.
    """

    def run(count: int) -> Iterator[Figure]:
        library = import_module(f"{LIBRARY}.mab")
        lost = np.zeros(count)
        for place in range(count):
            generator = rng(SEED + place)
            options = list(range(len(RATES[name](0))))
            bandit = library.MAB(options, library.LearningPolicy.ThompsonSampling(), seed=SEED + place)
            bandit.fit(np.array(options), np.zeros(len(options)))
            for day in range(DAYS):
                now = RATES[name](day)
                chosen = np.array([bandit.predict() for _ in range(UNITS)])
                lost[place] += (now.max() - now[chosen]).sum()
                bandit.partial_fit(chosen, generator.binomial(1, now[chosen]))
        yield mean("lost successes per 100,000 units", lost)

    return Benchmark(run, worlds=20, quick=4)


OTHER_BANDITS = {} if missing() else {f"regret {name}, MABWiser": thompson(name) for name in RATES}
