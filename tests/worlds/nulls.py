"""Fourteen worlds in which no option is better than the believed one, and all else makes it hard to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from living_personas.domain.cell import Cells
from living_personas.domain.snapshot import Snapshot
from living_personas.simulate.cells import Supply, drawn_cells
from living_personas.stats.arrays import Floats
from worlds.cells import rng

BASE, UNITS = 0.03, 1000
YEAR, WEEK = 365, 7
FOLLOWED = "o3"
"""The option whose share the rates follow in the last of the worlds."""


@dataclass(frozen=True)
class HardNull:
    """Success rates by day, shape ``(options,)``, and the units of each day; ``follows`` adds that much of a share.

    Where it follows, every option's rate of a persona rises with the share that ``FOLLOWED`` has on the day.
    """

    rates: Callable[[int], Floats]
    units: Callable[[int], int] = lambda _day: UNITS
    options: int = 4
    follows: float = 0.0

    def supply(self, seed: int) -> Supply:
        """A supply for ``CellWorld``."""
        generator = rng(seed)

        def supplied(number: int, day: date, snapshot: Snapshot) -> Cells:
            rates = self.rates(number) + self._followed(day, snapshot)
            drawn = drawn_cells(lambda _day: rates, units_a_day=self.units(number), rng=generator)
            return drawn(number, day, snapshot)

        return supplied

    def _followed(self, day: date, snapshot: Snapshot) -> Floats:
        if not self.follows:
            return np.zeros(1)
        attributes = [each.attributes[0] for each in snapshot.personas]
        tables = [next(table for table in reversed(each.tables) if table.day <= day) for each in attributes]
        places = [each.options.index(FOLLOWED) for each in attributes]
        shares = [table.shares[place] for table, place in zip(tables, places, strict=True)]
        return self.follows * np.array(shares)[:, None]


def _alike(rate: Callable[[int], float], options: int = 4) -> Callable[[int], Floats]:
    return lambda day: np.full(options, rate(day))


def _walk(day: int) -> float:
    """A rate that is drawn anew every day, most of them between a third and three times the base."""
    return float(np.clip(BASE * np.exp(0.5 * rng(day).standard_normal()), 0.0, 0.3))


def _behind(day: int) -> Floats:
    """The others are worse in every other week, and as good in between."""
    others = BASE if day // WEEK % 2 else BASE / 2
    return np.array([BASE, others, others, others])


HARD_NULLS: dict[str, HardNull] = {
    "ups and downs of 90 % in a week": HardNull(_alike(lambda day: BASE * (1 + 0.9 * np.sin(2 * np.pi * day / WEEK)))),
    "four times as many after a year": HardNull(_alike(lambda day: BASE * (1 + 3 * day / YEAR))),
    "a fifth after a year": HardNull(_alike(lambda day: BASE * (1 - 0.8 * min(day / YEAR, 1.0)))),
    "a month of sale": HardNull(_alike(lambda day: BASE * (4 if 100 <= day < 130 else 1))),
    "every day another rate": HardNull(_alike(_walk)),
    "3 in 1,000": HardNull(_alike(lambda _day: 0.003)),
    "one in two": HardNull(_alike(lambda _day: 0.5)),
    "50 units a day": HardNull(_alike(lambda _day: BASE), units=lambda _day: 50),
    "all on Mondays": HardNull(_alike(lambda _day: BASE), units=lambda day: 0 if day % WEEK else WEEK * UNITS),
    "two options": HardNull(_alike(lambda _day: BASE, 2), options=2),
    "eight options": HardNull(_alike(lambda _day: BASE, 8), options=8),
    "two of the others are worse": HardNull(lambda _day: np.array([BASE, BASE, BASE / 2, BASE * 0.8])),
    "the others are worse by turns": HardNull(_behind),
    "rates that follow a share": HardNull(_alike(lambda _day: 0.02), follows=0.06),
}
