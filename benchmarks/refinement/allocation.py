"""What is lost while nothing is known yet: successes that the shares of a day miss against its best option."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from living_personas.domain.cell import Cells
from living_personas.domain.snapshot import Snapshot
from refinement.figures import Benchmark, Figure, mean
from refinement.lived import SEED, UNITS, Rates, flipping, people, static, waving
from worlds.cells import CellWorld, drawn

DAYS = 100_000 // UNITS

RATES: dict[str, Rates] = {
    "static": static(0.03, 0.03, 0.03, 0.04),
    "moving": waving(0.03, 0.03, 0.03, 0.04),
    "flip": flipping((0.04, 0.03, 0.03, 0.03), (0.03, 0.03, 0.03, 0.04), on=50),
}
"""3 v 4 %, standing, with weekly ups and downs of 50 %, and changing places on day 50."""


def regret(rates: Rates, *, aim: float) -> Benchmark:
    """Successes that 100,000 units lose; 750 where options are drawn evenly. The bar is ``aim`` and a tenth."""

    def run(count: int) -> Iterator[Figure]:
        lost = np.zeros(count)
        supply = drawn(rates, units_a_day=UNITS, seed=SEED)

        def counting(number: int, day: date, snapshot: Snapshot) -> Cells:
            cells = supply(number, day, snapshot)
            units = np.asarray(cells.table.sort_by([("persona", "ascending"), ("option", "ascending")])["n"].to_numpy())
            now = rates(number)
            lost[:] += units.reshape(count, -1) @ (now.max() - now)
            return cells

        CellWorld(people(count), counting).run(DAYS)
        yield mean("lost successes per 100,000 units", lost, bar=round(aim * 1.1, 1))

    return Benchmark(run, worlds=200, quick=60)


ALLOCATION = {
    "regret static": regret(RATES["static"], aim=153),
    "regret moving": regret(RATES["moving"], aim=157),
    "regret flip": regret(RATES["flip"], aim=293),
}
