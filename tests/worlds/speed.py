"""Worlds in which options move only when people come or buy, never whether: nobody buys more for any of them."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa

from living_personas.domain.cell import Cells
from living_personas.domain.snapshot import Snapshot
from living_personas.simulate.cells import cells_of
from living_personas.stats.arrays import Bools, Floats, Ints
from worlds.cells import rng

Moves = Literal["returns", "away", "slow"]
Credit = Literal["every unit", "latest unit"]

OPTIONS = ("o0", "o1", "o2", "o3")
_GAPS: dict[Moves, Floats] = {
    "returns": np.array([2.0, 6.0, 6.0, 6.0]),
    "away": np.array([4.0, 12.0, 4.0, 4.0]),
    "slow": np.array([3.0, 3.0, 3.0, 3.0]),
}
"""Mean days until a customer who met an option is back."""

_BUYS, _ANSWERS, _SLOW_DAYS = 0.01, 0.05, 4


class Movers:
    """Customers of many personas who come, meet an option a day, and buy; its cells, by one of two rules of credit.

    ``returns``: who meets the believed option is back sooner. ``away``: who meets the second stays away for longer.
    In both, everybody buys on one day in a hundred. ``slow``: one visit in twenty is answered, after the believed
    option four days later than after the others. ``lived`` holds each day, what every customer met (-1: nothing) and
    whether they bought.
    """

    def __init__(self, moves: Moves, *, credit: Credit, personas: int, customers: int, within: int, seed: int) -> None:
        self.moves, self.credit, self.within = moves, credit, within
        self.shape = (personas, customers)
        self.rng = rng(seed)
        self.back: Ints = self.rng.integers(0, 4, self.shape)
        self.answers: Ints = np.full(self.shape, -1)
        self.lived: list[tuple[date, Ints, Bools]] = []
        self.cohorts: list[tuple[date, list[str], Ints, Bools]] = []

    def __call__(self, number: int, day: date, snapshot: Snapshot) -> Cells:
        """What becomes known on a day: a supply for ``CellWorld``."""
        tables = [next(t for t in reversed(p.attributes[0].tables) if t.day <= day) for p in snapshot.personas]
        option = self._met(number, np.array([table.shares for table in tables]))
        bought = self._bought(number, option)
        self.lived.append((day, option.copy(), bought))
        if self.credit == "latest unit":
            for _, _, waiting, _ in self.cohorts:
                waiting[option >= 0] = -1
        newest = (day, [table.policy for table in tables], option, np.zeros(self.shape, dtype=bool))
        self.cohorts = [newest, *self.cohorts][: self.within + 1]
        parts = []
        for cohort, policies, waiting, known in self.cohorts:
            first = bought & ~known & (waiting >= 0)
            known[first] = True
            units = (
                self._counted(option, option >= 0) if cohort == day else np.zeros((self.shape[0], 4), dtype=np.int64)
            )
            parts.append(self._cells(snapshot, policies, units, self._counted(waiting, first), day=day, cohort=cohort))
        return Cells.of(pa.concat_tables(parts))

    def _met(self, number: int, shares: Floats) -> Ints:
        """The option that each customer meets today; -1 if none. Days until they are back are at least one."""
        ends = np.cumsum(shares, axis=1)[:, None, :-1]
        drawn = (self.rng.random(self.shape)[..., None] >= ends).sum(-1)
        option = np.where(self.back == number, drawn, -1)
        gaps = self.rng.geometric(1 / _GAPS[self.moves][drawn])
        self.back = np.where(option >= 0, number + gaps, self.back)
        return np.asarray(option)

    def _bought(self, number: int, option: Ints) -> Bools:
        chance = self.rng.random(self.shape)
        if self.moves != "slow":
            return np.asarray(chance < _BUYS)
        answered = (option >= 0) & (chance < _ANSWERS)
        self.answers = np.where(answered, number + np.where(option == 0, _SLOW_DAYS, 0), self.answers)
        return np.asarray(self.answers == number)

    def _counted(self, option: Ints, kept: Bools) -> Ints:
        persona = np.broadcast_to(np.arange(self.shape[0])[:, None], self.shape)
        places = persona[kept] * len(OPTIONS) + option[kept]
        return np.bincount(places, minlength=self.shape[0] * len(OPTIONS)).reshape(self.shape[0], len(OPTIONS))

    def _cells(
        self, snapshot: Snapshot, policies: list[str], units: Ints, bought: Ints, *, day: date, cohort: date
    ) -> pa.Table:
        names = [each.persona for each in snapshot.personas]
        framing, offered = ["framing"] * len(names), [OPTIONS] * len(names)
        found = cells_of(names, offered, attributes=framing, policies=policies, units=units, bought=bought, day=day)
        began = pa.array([cohort] * len(found), pa.date32())
        return found.table.set_column(found.table.schema.get_field_index("cohort"), "cohort", began)
