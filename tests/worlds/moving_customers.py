"""The same customers again and again: months in which nothing changes, and weeks in which groups grow, come and end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from living_personas.stats.arrays import Bools, Floats, Ints
from worlds.customers import CENTRE, FAMILIES, N_COUNTS, SPREAD, World, broadest, counted, framed, strays
from worlds.hard_customers import HardPlant, moved

BORN, DIES = 3, 8
"""The weeks in which the second group of ``weeks`` comes, and from which it is no more."""

PARTS, JOINS = 3, 8
"""The weeks from which the one group of ``parting_weeks`` is two, and one again."""


def months(n: int, *, share: float, seed: int, count: int, busier: float = 1.0, since: int = 0) -> Iterator[World]:
    """``count`` months of customers whose habits never change: only what they happen to do differs.

    Unless everybody does everything ``busier`` times as often, from the month ``since`` on.
    """
    habits = _Habits(n, seed, ("silent",), share)
    for month in range(count):
        yield habits.lived(month, [habits.place < share], busier=busier if month >= since else 1.0)


def weeks(n: int, *, seed: int, count: int) -> Iterator[tuple[World, dict[HardPlant, Bools]]]:
    """Weeks in which silent evaluators grow from 4 to 8 %, and gifters (6 %) come in ``BORN`` and end in ``DIES``."""
    habits = _Habits(n, seed, ("silent", "gifter"), 0.08)
    for week in range(count):
        grown = 0.04 + 0.04 * min(week / max(count - 2, 1), 1.0)
        gifters = (habits.place >= 0.08) & (habits.place < (0.14 if BORN <= week < DIES else 0.08))
        here: dict[HardPlant, Bools] = {"silent": habits.place < grown, "gifter": gifters}
        yield habits.lived(week, list(here.values())), here


def parting_weeks(n: int, *, seed: int, count: int) -> Iterator[tuple[World, dict[HardPlant, Bools]]]:
    """Weeks in which 12 % are silent evaluators, but for those from ``PARTS`` until ``JOINS``: then 5 % are gifters."""
    habits = _Habits(n, seed, ("silent", "gifter"), 0.06)
    for week in range(count):
        apart = (habits.place < 0.05) & (PARTS <= week < JOINS)
        here: dict[HardPlant, Bools] = {"silent": (habits.place < 0.12) & ~apart, "gifter": apart}
        yield habits.lived(week, list(here.values())), here


class _Habits:
    """What each customer tends to, as a customer of a persona and as one of each planted group."""

    def __init__(self, n: int, seed: int, plants: tuple[HardPlant, ...], share: float) -> None:
        self.seed, self.family = seed, FAMILIES[seed % 2]
        rng = np.random.Generator(np.random.PCG64([seed, 303]))
        k = int(rng.integers(3, 6))
        self.persona = rng.choice(k, n, p=rng.dirichlet(np.full(k, 8.0)))
        self.levels = (CENTRE + rng.normal(size=(k, len(CENTRE))) * SPREAD)[self.persona]
        self.place = rng.random(n)
        self.planted = [moved(plant, self.levels, rng) for plant in plants]
        self.stray = strays(self.family, n, "personas", rng)
        host = int(broadest(self.levels, self.persona, k)[0])
        inside = self.place < share + 0.06
        filed = np.where(inside, host, self.persona)
        self.filed: Ints = np.where(rng.random(n) < 0.15, rng.integers(0, k, n), filed)

    def lived(self, time: int, groups: list[Bools], *, busier: float = 1.0) -> World:
        """What they did at a time, when these were the members of the groups, all counts ``busier`` times as high."""
        levels: Floats = self.levels + np.where(np.arange(len(CENTRE)) < N_COUNTS, np.log(busier), 0.0)
        for members, habits in zip(groups, self.planted, strict=True):
            levels = np.where(members[:, None], habits, levels)
        rng = np.random.Generator(np.random.PCG64([self.seed, time, 304]))
        numbers = counted(levels, self.stray, self.family, rng)
        every = np.asarray(np.logical_or.reduce(groups), dtype=np.bool_)
        return World(frame=framed(numbers | {"known": np.full(len(levels), 400.0)}, self.filed), planted=every)
