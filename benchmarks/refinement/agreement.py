"""Cells that come in another order and in pieces are the same evidence: decisions alike, accounts to 1e-9."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.cell import Cells
from living_personas.domain.snapshot import Snapshot
from living_personas.simulate.cells import Supply
from refinement.figures import Benchmark, Figure, share
from refinement.lived import SEED, people, static
from worlds.cells import CellWorld, drawn, rng

DAYS = 60
VALUES = ("n", "s", "sum", "sum_sq")


def in_pieces(supply: Supply, seed: int) -> Supply:
    """The same cells in another order; of every second one, what it counts comes apart from its units."""
    generator = rng(seed)

    def supplied(number: int, day: date, snapshot: Snapshot) -> Cells:
        whole = supply(number, day, snapshot).table
        order = generator.permutation(len(whole))
        whole, split = whole.take(pa.array(order)), pa.array(np.arange(len(whole)) % 2 == 0)
        units, outcomes = whole, whole.filter(split)
        for name in VALUES:
            zero = pa.scalar(0, whole.schema.field(name).type)
            place = whole.schema.get_field_index(name)
            if name == "n":
                outcomes = outcomes.set_column(place, whole.schema.field(name), pa.array([zero] * len(outcomes)))
            else:
                units = units.set_column(place, whole.schema.field(name), pc.if_else(split, zero, whole[name]))
        return Cells.of(pa.concat_tables([outcomes, units]))

    return supplied


def orders(count: int) -> Iterator[Figure]:
    """The same world whole, and in pieces in another order."""
    rates = static(0.03, 0.03, 0.03, 0.04)
    whole, pieces = (
        CellWorld(people(count), supply).run(DAYS)
        for supply in (drawn(rates, seed=SEED), in_pieces(drawn(rates, seed=SEED), SEED))
    )
    names = [each.id for each in whole.personas]
    both = [
        [(found.day, found.new) if (found := world.corrected.get(name)) else None for name in names]
        for world in (whole, pieces)
    ]
    yield share("decided otherwise", sum(one != other for one, other in zip(*both, strict=True)), count, bar=0.0)
    totals = [np.concatenate([state.accounts.total() for state in world.states]) for world in (whole, pieces)]
    there = (totals[0] > 0) | (totals[1] > 0)
    apart = float(np.abs(np.log(totals[0][there]) - np.log(totals[1][there])).max())
    yield Figure("largest difference of log accounts", apart, apart, apart, count, bar=1e-9)


AGREEMENT = {"cells in any order": Benchmark(orders, worlds=200, quick=50)}
