"""Living minus static, looked at for a year: never lost for visits, seldom without the truth, narrower with a past."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from refinement.figures import Benchmark, Figure, mean, share
from worlds.entries import LOOKS, differences, lives, per_visit


def twice_the_visits(count: int) -> Iterator[Figure]:
    """Same sales and twice the visits: in how many years it was ever called lost."""
    lost = lost_per_visit = 0
    for seed in range(count):
        world = lives(950, seed=2 * seed, visits=2.0), lives(150, seed=2 * seed + 1)
        lost += any(each.upper < 0 for each in differences(*world))
        lost_per_visit += any(each.upper < 0 for each in per_visit(*world))
    yield share("called lost in a year", lost, count, bar=0.0)
    yield share("control: per visit", lost_per_visit, count, bar=0.05, side="must exceed")


def without_effect(count: int) -> Iterator[Figure]:
    """No effect: years in which the interval held the truth at every look, with and without what was before."""
    for adjusted, words in ((True, "adjusted"), (False, "as it is")):
        worlds = [(lives(1000, seed=2 * seed + 5000), lives(250, seed=2 * seed + 5001)) for seed in range(count)]
        left = sum(any(each.excludes_zero for each in differences(*world, adjusted=adjusted)) for world in worlds)
        yield share(f"years that held the truth at every look, {words}", count - left, count, bar=0.95, side="at least")


def worth_of_a_past(count: int) -> Iterator[Figure]:
    """How many times as many customers would be needed without what was known of them before they entered."""
    worth = np.zeros(count)
    for seed in range(count):
        world = lives(4000, seed=2 * seed, buys=1.2), lives(1000, seed=2 * seed + 1)
        wide, narrow = (differences(*world, adjusted=adjusted)[-1] for adjusted in (False, True))
        worth[seed] = ((wide.upper - wide.lower) / (narrow.upper - narrow.lower)) ** 2
    yield mean(f"customers saved by adjusting, times ({len(LOOKS)} looks)", worth)


GAIN = {
    "equal sales, twice the visits": Benchmark(twice_the_visits, worlds=100, quick=100),
    "living minus static, no effect": Benchmark(without_effect, worlds=400, quick=100),
    "living minus static, a past": Benchmark(worth_of_a_past, worlds=50, quick=20),
}
