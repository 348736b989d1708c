"""A year in which one option suits everybody, though much else makes it look otherwise: what is claimed is false."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from refinement.figures import Benchmark, Figure, share

from living_personas.stats.arrays import Bools, Floats
from splits.made import YEAR, lives_in, made
from worlds.responses import Rates, ResponseWorld, by_leaf, same_for_all
from worlds.split_life import Life, Lives

FLIPS_ON = 120
BETTER: tuple[float, ...] = (0.03, 0.04, 0.03)


def prognostic(_day: int, answers: Bools) -> Floats:
    """Who they are decides much of whether they buy, and nothing of what suits them."""
    often = np.where(answers[:, 0], 2.0, 1.0) * np.where(answers[:, 2], 0.6, 1.2) * np.where(answers[:, 7], 1.5, 0.9)
    return np.asarray(often[:, None] * np.array(BETTER))


def moving(day: int, answers: Bools) -> Floats:
    """Weekly ups and downs of 50 % on a trend that doubles in a year, stronger for some."""
    wave = 1 + 0.5 * np.sin(2 * np.pi * day / 7) * np.where(answers[:, 0], 1.0, 0.5)
    return np.asarray(wave[:, None] * (1 + day / YEAR) * np.array(BETTER))


def flipping(*rates: float, on: int = FLIPS_ON) -> Rates:
    """The first two options change places for everybody on a day."""
    then = (rates[1], rates[0], *rates[2:])
    return lambda day, answers: np.tile(np.array(then if day >= on else rates), (len(answers), 1))


def returning(seed: int) -> ResponseWorld:
    """3,000 customers, each of whom comes every third day, and some buy ten times as often as others."""
    return made(
        seed, same_for_all(*BETTER), customers=3_000, own=lambda generator, count: generator.gamma(0.7, 1 / 0.7, count)
    )


WORLDS: dict[str, Callable[[int], ResponseWorld]] = {
    "main effect": lambda seed: made(seed, same_for_all(*BETTER)),
    "prognostic columns": lambda seed: made(seed, prognostic),
    "moving base": lambda seed: made(seed, moving),
    "effect in the leaf only": lambda seed: made(seed, by_leaf((0.03, 0.04, 0.03), (0.03, 0.03, 0.03), 0)),
    "no effect": lambda seed: made(seed, same_for_all(0.03, 0.03, 0.03)),
    "returning customers": returning,
    "one flip for all": lambda seed: made(seed, flipping(0.04, 0.03, 0.03)),
}


def a_year(world: Callable[[int], ResponseWorld]) -> Callable[[int], Iterator[Figure]]:
    """Claims and leaves that were proven of what is not there, in the whole loop."""

    def run(count: int) -> Iterator[Figure]:
        lives: list[Life] = []
        lives += lives_in(world, count, days=YEAR, begin=lambda worlds: Lives(worlds, options=3, mode="propose"))
        claimed = sum(life.claimed < np.inf for life in lives)
        yield share("false claims in a year", claimed, count, bar=0.05)
        yield share("leaves falsely proven in a year", sum(life.proven < np.inf for life in lives), count, bar=0.05)
        yield share("was called leaning at some time", sum(life.leant for life in lives), count)

    return run


NOTHING_THERE = {
    f"nothing there: {name}": Benchmark(a_year(world), worlds=400 if place < 4 else 100, quick=12)
    for place, (name, world) in enumerate(WORLDS.items())
}
