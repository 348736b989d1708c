"""Whom a search is about: all customers, of whom a sample is fitted and the others are scored, wherever they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pyarrow as pa

from living_personas.discovery.closer_sample import Look, closer
from living_personas.discovery.explain import Saying
from living_personas.discovery.feature_matrix import Sheet
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Ints

__all__ = ["SAMPLE", "Everybody", "HeldCustomers", "InMemory"]

SAMPLE = 40_000
"""Customers that are fitted at most; all others are assigned by the scorecard. Where there are more, what was merely
sighted is looked at again in as many who are filed where its members are."""


@value
class HeldCustomers:
    """Whom a rule holds among everybody, counted by the persona that they are filed under; the last are nobody's.

    ``customers`` says who they are. ``known`` are customers whose protected traits tell whom a segment stands for, and
    ``members`` which of these it holds.
    """

    filed: Ints
    everybody: Ints
    customers: Callable[[], pa.Array]
    known: Sheet
    members: Bools

    @property
    def size(self) -> int:
        """How many customers the rule holds."""
        return int(self.filed.sum())

    @property
    def share(self) -> float:
        """The share of everybody that the rule holds."""
        return float(self.size / self.everybody.sum())


class Everybody(Protocol):
    """All customers of a search."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def first(self, rng: np.random.Generator) -> Look:
        """Those that are looked at first: as many as are fitted, whoever they are."""
        ...

    def held(self, said: Saying) -> HeldCustomers:
        """Whom the scorecard holds."""
        ...

    def closer(self, held: HeldCustomers, rng: np.random.Generator) -> Look | None:
        """As many, of whom more are filed as those are whom a rule holds; None if that is no better."""
        ...


@value
class InMemory:
    """All customers as a sheet; ``rng`` draws."""

    sheet: Sheet

    def __len__(self) -> int:
        """How many there are."""
        return len(self.sheet)

    def first(self, rng: np.random.Generator) -> Look:
        """Those that are looked at first."""
        rows = np.sort(rng.permutation(len(self.sheet))[:SAMPLE])
        return Look(sheet=self.sheet.take(rows), weight=np.ones(len(rows)))

    def held(self, said: Saying) -> HeldCustomers:
        """Whom the scorecard holds."""
        members = said.holds(self.sheet)
        return HeldCustomers(
            filed=_counted(self._filed[members], self.sheet),
            everybody=_counted(self._filed, self.sheet),
            customers=lambda: self.sheet.customers.filter(pa.array(members)),
            known=self.sheet,
            members=members,
        )

    def closer(self, held: HeldCustomers, rng: np.random.Generator, *, size: int = SAMPLE) -> Look | None:
        """As many, of whom more are filed as those are whom a rule holds."""
        draw = closer(held.filed, held.everybody, size=size)
        if draw is None:
            return None
        around = np.isin(self._filed, draw.hosts)
        parts = ((around, draw.inside), (~around, draw.outside))
        drawn = [rng.permutation(np.flatnonzero(where))[:many] for where, many in parts]
        rows = np.sort(np.concatenate(drawn))
        return draw.look(self.sheet.take(rows), around[rows])

    @property
    def _filed(self) -> Ints:
        """Where each is filed; nobody's are the last."""
        return np.asarray(self.sheet.filed % (len(self.sheet.personas) + 1), dtype=np.int64)


def _counted(filed: Ints, sheet: Sheet) -> Ints:
    return np.bincount(filed, minlength=len(sheet.personas) + 1)
