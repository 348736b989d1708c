"""Worlds that are made for splits, each of a seed of its own, and what is true of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from refinement.lived import SEED

from living_personas.stats.arrays import Bools, Floats
from worlds.cells import rng
from worlds.responses import Rates, ResponseWorld, by_leaf, people_answering
from worlds.split_life import Life, Lives

CUSTOMERS, YEAR = 20_000, 365
SIDE_BY_SIDE = 25

REVERSED: dict[str, tuple[Rates, tuple[tuple[int, bool], ...]]] = {
    "K = 2, leaf 30 %": (by_leaf((0.04, 0.03), (0.03, 0.04), 0), ((0, True),)),
    "K = 2, leaf 20 %": (by_leaf((0.04, 0.03), (0.03, 0.04), 1), ((1, True),)),
    "K = 2, two clauses": (by_leaf((0.04, 0.03), (0.03, 0.04), 3, 4), ((3, True), (4, True))),
    "K = 3, leaf 30 %": (by_leaf((0.04, 0.03, 0.03), (0.03, 0.04, 0.03), 0), ((0, True),)),
    "K = 4, leaf 30 %": (by_leaf((0.04, 0.03, 0.03, 0.03), (0.03, 0.04, 0.03, 0.03), 0), ((0, True),)),
}
"""3 v 4 %, the other way round inside of a leaf, with the leaf's literals."""


def made(
    seed: int,
    rates: Rates,
    *,
    customers: int = CUSTOMERS,
    own: Callable[[np.random.Generator, int], Floats] | None = None,
) -> ResponseWorld:
    """A world of its own seed; ``own`` draws how much each customer buys, whatever they meet."""
    generator = rng(SEED + seed)
    answers: Bools = people_answering(customers, rng=generator)
    return ResponseWorld(
        answers=answers,
        rates=rates,
        rng=generator,
        own=None if own is None else own(generator, customers),
    )


def lives_in(
    world: Callable[[int], ResponseWorld],
    count: int,
    *,
    days: int,
    begin: Callable[[list[ResponseWorld]], Lives],
    until: Callable[[Life], bool] = lambda _life: False,
) -> Iterator[Life]:
    """The lives of so many worlds, some side by side."""
    for first in range(0, count, SIDE_BY_SIDE):
        worlds = [world(seed) for seed in range(first, min(first + SIDE_BY_SIDE, count))]
        yield from begin(worlds).run(days, until=until)
