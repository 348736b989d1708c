"""Customers who come again and again, differ in what they buy, and meet the option of the day five times in a row."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np

from living_personas.domain.cell import Cells
from living_personas.domain.snapshot import Snapshot
from living_personas.simulate.cells import cells_of
from living_personas.stats.arrays import Bools, Floats, Ints
from worlds.cells import rng

Counting = Literal["assignment", "exposure"]

OPTIONS = ("o0", "o1", "o2", "o3")
CUSTOMERS, COMES, EXPOSURES = 2_000, 0.25, 5
BUYERS, OFTEN, SELDOM = 0.04, 0.6, 0.005
"""One in 25 customers buys at most of what they see, the others hardly ever: no option changes that."""


class Regulars:
    """A supply for ``CellWorld``: each customer who comes on a day is assigned one option, and meets it five times.

    By ``assignment``, the day's visit is one unit, a success if anything was bought. By ``exposure``, each meeting is a
    unit of its own: five outcomes of one draw of chance, counted as if they were five.
    """

    def __init__(self, counting: Counting, *, personas: int, seed: int) -> None:
        self.counting, self.rng, self.personas = counting, rng(seed), personas
        buyer = self.rng.random((personas, CUSTOMERS)) < BUYERS
        self.rates: Floats = np.where(buyer, OFTEN, SELDOM)

    def __call__(self, number: int, day: date, snapshot: Snapshot) -> Cells:
        """What became known on a day."""
        del number
        names = [each.persona for each in snapshot.personas]
        tables = [next(t for t in reversed(each.attributes[0].tables) if t.day <= day) for each in snapshot.personas]
        ends = np.cumsum([table.shares for table in tables], axis=1)[:, None, :-1]
        option: Ints = (self.rng.random(self.rates.shape)[..., None] >= ends).sum(-1)
        came: Bools = self.rng.random(self.rates.shape) < COMES
        bought = np.where(came, self.rng.binomial(EXPOSURES, self.rates), 0)
        one = self.counting == "assignment"
        units = self._by_option(option, came * (1 if one else EXPOSURES))
        outcomes = self._by_option(option, np.minimum(bought, 1) if one else bought)
        framing, offered = ["framing"] * len(names), [OPTIONS] * len(names)
        policies = [table.policy for table in tables]
        return cells_of(names, offered, attributes=framing, policies=policies, units=units, bought=outcomes, day=day)

    def _by_option(self, option: Ints, weights: Ints) -> Ints:
        places = np.arange(self.personas)[:, None] * len(OPTIONS) + option
        summed = np.bincount(places.ravel(), weights=weights.ravel(), minlength=self.personas * len(OPTIONS))
        return summed.astype(np.int64).reshape(self.personas, len(OPTIONS))
