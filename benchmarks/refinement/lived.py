"""Worlds that are lived here: rates by day, and personas side by side through the loop's own steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from living_personas.domain.persona import Persona
from living_personas.stats.arrays import Floats
from worlds.cells import CellWorld, drawn, persona

SIDE_BY_SIDE = 250
UNITS = 1000
SEED = 20261101
Rates = Callable[[int], Floats]


def static(*rates: float) -> Rates:
    """The same success rates every day."""
    return lambda _day: np.array(rates)


def moving(*rates: float) -> Rates:
    """Weekly ups and downs of 50 % on a trend that doubles in a year."""
    return lambda day: np.array(rates) * (1 + 0.5 * np.sin(2 * np.pi * day / 7)) * (1 + day / 365)


def waving(*rates: float) -> Rates:
    """Weekly ups and downs of 50 %, without a trend."""
    return lambda day: np.array(rates) * (1 + 0.5 * np.sin(2 * np.pi * day / 7))


def flipping(first: Sequence[float], then: Sequence[float], *, on: int) -> Rates:
    """What is best changes on a day."""
    return lambda day: np.array(then if day >= on else first)


def people(
    count: int, *, options: int = 4, worth_changing: float = 0.0, days: int = 1, first: int = 0
) -> list[Persona]:
    """Personas of one attribute each, whose horizon is ``days``; numbered from ``first`` on."""
    names = tuple(f"o{k}" for k in range(options))
    plain = [persona(f"p{i:04d}", options=names, days=days) for i in range(first, first + count)]
    return [replace(each, attributes=(replace(each.attributes[0], worth_changing=worth_changing),)) for each in plain]


def lived(
    rates: Rates,
    *,
    worlds: int,
    days: int,
    options: int = 4,
    units: int = UNITS,
    worth_changing: float = 0.0,
    until_corrected: bool = False,
) -> Iterator[CellWorld]:
    """Worlds of one attribute each, side by side, some hundred at a time."""
    for first in range(0, worlds, SIDE_BY_SIDE):
        count = min(worlds - first, SIDE_BY_SIDE)
        lives = people(count, options=options, worth_changing=worth_changing, first=first)
        world = CellWorld(lives, drawn(rates, units_a_day=units, seed=SEED + first))
        yield world.run(days, until_all_corrected=until_corrected)
