"""A world of values: orders of very different size, two options, and a cap for each day, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona
from living_personas.refining.accounts import Accounts, mature, open_day
from living_personas.refining.apply import baseline
from living_personas.refining.bets import factors
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel
from living_personas.stats.arrays import Floats, Ints
from living_personas.stats.eprocess import Sums
from living_personas.stats.value_caps import CLASSES, usual_most

RATE, MEDIAN, SPREAD, UNITS, WAIT = 0.03, 60.0, 0.8, 1000, 1
"""How many buy, what they spend (log-normal), units a day, and days until a day is complete."""


@dataclass
class ValueWorld:
    """Worlds side by side in which half the units get each of two options; ``lift`` is on how many of them buy.

    ``units`` are those that the correction took, infinite without one. ``frozen`` caps are by earlier days;
    ``after_the_fact`` picks, of three caps, the one at which the day's units speak most for the challenger.
    """

    worlds: int
    at_most: float
    lift: float
    seed: int
    frozen: bool = True
    after_the_fact: bool = False
    units: Floats = field(init=False)

    def run(self, days: int) -> ValueWorld:
        """Live so many days."""
        generator = np.random.Generator(np.random.PCG64(self.seed))
        panel = _panel(self.worlds, self.at_most)
        accounts = Accounts.first_day(panel)
        self.units = np.full(self.worlds, np.inf)
        counts: Ints = np.zeros((self.worlds, _TOP), dtype=np.int64)
        waiting: list[Ints] = []
        for day in range(days):
            caps = self._caps(counts)
            entry = replace(open_day(accounts, panel, day=day), caps=caps)
            orders = self._orders(generator)
            rows = orders.rows(caps, day)
            if self.after_the_fact:
                rows, entry = self._best(panel, entry, orders)
            accounts = mature(accounts, panel, rows, entry, half_life=None)
            done = (accounts.own(panel).max(-1) >= 20) & ~np.isfinite(self.units)
            self.units[done] = (day + 1) * UNITS
            waiting.append(orders.in_classes())
            if len(waiting) > WAIT:
                counts += waiting.pop(0)
            if np.isfinite(self.units).all():
                break
        return self

    @property
    def false_share(self) -> float:
        """The share of worlds that were corrected."""
        return float(np.isfinite(self.units).mean())

    def _caps(self, counts: Ints) -> Floats:
        if not self.frozen:
            return np.full(self.worlds, self.at_most)
        sizes = np.arange(counts.shape[1])
        most = [usual_most(sizes[each > 0], each[each > 0]) for each in counts]
        return np.array([self.at_most if each is None else min(each, self.at_most) for each in most])

    def _orders(self, generator: np.random.Generator) -> _Orders:
        new = generator.binomial(UNITS, 0.5, self.worlds)
        n = np.column_stack([UNITS - new, new])
        bought = generator.binomial(n, np.array([RATE, RATE * self.lift]))
        place = np.repeat(np.arange(bought.size), bought.ravel())
        return _Orders(place, MEDIAN * np.exp(SPREAD * generator.standard_normal(place.size)), n)

    def _best(self, panel: Panel, entry: Entry, orders: _Orders) -> tuple[DayRows, Entry]:
        tried = []
        for cap in (80.0, 200.0, self.at_most):
            caps = np.full(self.worlds, cap)
            tried.append((replace(entry, caps=caps), orders.rows(caps, entry.day)))
        logs = np.array([factors(rows, panel, each).better[:, 1].max(-1) for each, rows in tried])
        pick, every = logs.argmax(0), np.arange(self.worlds)
        parts = (np.stack([getattr(rows.sums, name) for _, rows in tried]) for name in ("n", "sum", "sum_sq"))
        caps = np.stack([each.caps for each, _ in tried])[pick, every]
        return replace(tried[0][1], sums=Sums(*(part[pick, every] for part in parts))), replace(entry, caps=caps)


class _Orders(NamedTuple):
    """A day's orders: their place (world and option in one) and value; ``n`` (worlds, 2) units."""

    place: Ints
    spent: Floats
    n: Ints

    def rows(self, caps: Floats, day: int) -> DayRows:
        """What they add up to under the caps of the worlds."""
        value, shape = np.minimum(self.spent, caps[self.place // 2]), self.n.shape
        total, total_sq = (
            np.bincount(self.place, weights=each, minlength=self.n.size).reshape(shape).astype(np.float64)
            for each in (value, value**2)
        )
        return DayRows(
            subject=np.arange(len(self.n)),
            cohort=np.full(len(self.n), day),
            stratum=("|",) * len(self.n),
            sums=Sums(self.n.astype(float), total, total_sq),
            shares=np.full(shape, 0.5),
        )

    def in_classes(self) -> Ints:
        """How many orders of each world are in each class of size."""
        size = np.ceil(np.log10(self.spent) * CLASSES - 1e-9).clip(0, _TOP - 1).astype(np.int64)
        at = self.place // 2 * _TOP + size
        return np.bincount(at, minlength=len(self.n) * _TOP).reshape(len(self.n), _TOP)


_TOP = 12 * CLASSES


def _panel(worlds: int, at_most: float) -> Panel:
    goal = Goal(event="Bought", within=timedelta(days=WAIT), value="revenue", at_most=at_most)
    attribute = Attribute(name="framing", options=("o0", "o1"), believed="o0")
    people = [Persona(id=f"p{i:04d}", name="p", who="true", goal=goal, attributes=(attribute,)) for i in range(worlds)]
    return Panel.of([baseline(each, day=date(1970, 1, 1)) for each in people])
