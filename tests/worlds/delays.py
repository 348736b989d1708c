"""A world whose options are answered after a while, and in which people buy for reasons of their own, too."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from living_personas.domain.cell import Cells
from living_personas.domain.snapshot import Snapshot
from living_personas.simulate.cells import cells_of
from living_personas.stats.arrays import Floats, Ints
from worlds.cells import rng

__all__ = ["Answering"]

OPTIONS = ("o0", "o1", "o2", "o3")


class Answering:
    """Units of many personas, a supply for ``CellWorld``: each is answered at its option's rate, if in time.

    ``rates`` are the shares of units that each option is answered by, after exponential delays of ``days`` (means) from
    noon on; beside that, ``base`` of the units buy on each day of the window for no reason of the option's.
    """

    def __init__(
        self, rates: Floats, days: Floats, *, within: int, base: float = 0.0, units_a_day: int = 1000, seed: int = 0
    ) -> None:
        ends = np.arange(within + 1) + 0.5
        answered = rates[:, None] * -np.diff(np.exp(-ends / days[:, None]), axis=1, prepend=1.0)
        first = np.cumprod(np.full(within + 1, 1 - base)) / (1 - base) * base
        by_age = answered + (1 - answered.cumsum(1)) * first
        self.by_age: Floats = np.column_stack([by_age, 1 - by_age.sum(1)])
        self.units_a_day, self.within, self.rng = units_a_day, within, rng(seed)
        self.cohorts: list[tuple[date, list[str], Ints]] = []

    def __call__(self, number: int, day: date, snapshot: Snapshot) -> Cells:
        """What becomes known on a day."""
        del number
        tables = [next(t for t in reversed(p.attributes[0].tables) if t.day <= day) for p in snapshot.personas]
        units = self.rng.multinomial(self.units_a_day, np.array([table.shares for table in tables]))
        ages = self.rng.multinomial(units, self.by_age)
        self.cohorts = [(day, [table.policy for table in tables], ages), *self.cohorts][: self.within + 1]
        parts = []
        for age, (cohort, policies, known) in enumerate(self.cohorts):
            came = known.sum(-1) if age == 0 else np.zeros(known.shape[:2], dtype=np.int64)
            names = [each.persona for each in snapshot.personas]
            framing, offered = ["framing"] * len(names), [OPTIONS] * len(names)
            found = cells_of(
                names, offered, attributes=framing, policies=policies, units=came, bought=known[..., age], day=day
            ).table
            began = pa.array([cohort] * len(found), pa.date32())
            parts.append(found.set_column(found.schema.get_field_index("cohort"), "cohort", began))
        return Cells.of(pa.concat_tables(parts))
