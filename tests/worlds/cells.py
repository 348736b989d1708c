"""A world that answers in cells: many personas side by side, through the loop's own steps, day by day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from living_personas import loop
from living_personas.domain.cell import GOAL, Cells
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.refinement import Refinement
from living_personas.domain.settings import Settings
from living_personas.domain.snapshot import Snapshot, SnapshotPersona
from living_personas.engines.duckdb import DuckDBEngine
from living_personas.stats.arrays import Floats, Ints
from living_personas.steps import calendar
from living_personas.steps.learn import Books
from living_personas.steps.parts import Parts
from living_personas.stores.memory import MemoryStore

__all__ = ["FIRST", "CellWorld", "Supply", "cells_of", "drawn", "persona", "rng"]

FIRST = date(2026, 1, 1)

Supply = Callable[[int, date, Snapshot], Cells]
"""What becomes known on a day (number, date) under the snapshot in force."""


@dataclass
class CellWorld:
    """Personas whose cells come from ``supply``; keeps each persona's first correction and confirmation."""

    personas: Sequence[Persona]
    supply: Supply
    settings: Settings = field(default_factory=lambda: Settings(name="world", salt="a salt for worlds", holdout=0.0))
    corrected: dict[str, Refinement] = field(default_factory=dict)
    confirmed: dict[str, Refinement] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parts = Parts(
            store=MemoryStore(), engine=DuckDBEngine(), settings=self.settings, personas=tuple(self.personas)
        )
        plan = calendar.Plan(days=(FIRST,), dirty=None)
        self.books: tuple[Books, ...] = calendar.begin(self.parts, plan, now=datetime(2026, 1, 1, tzinfo=UTC))
        self.days = 0

    def run(self, days: int, *, until_all_corrected: bool = False) -> CellWorld:
        """Live ``days`` more days: decisions out, cells in."""
        for _ in range(days):
            self._live(FIRST + timedelta(days=self.days))
            self.days += 1
            if until_all_corrected and len(self.corrected) == len(self.personas):
                break
        return self

    def units_to_correct(self) -> Floats:
        """Units that each persona's first correction had seen; infinite without one."""
        found = [self.corrected.get(persona.id) for persona in self.personas]
        return np.array([refinement.units if refinement else np.inf for refinement in found])

    def _live(self, day: date) -> None:
        snapshot = self.parts.store.snapshots.latest()
        assert snapshot is not None
        cells = self.supply(self.days, day, snapshot)
        self.parts.store.partitions.replace("cells", {day: cells.table})
        with self.parts.store.commit():
            learned = loop.learn(self.parts, self.books, day)
            for refinement in loop.refine(self.parts, learned, day):
                seen = self.corrected if refinement.kind == "correct" else self.confirmed
                seen.setdefault(refinement.subject.persona, refinement)
            self.books = loop.publish(self.parts, [books for books, _ in learned], day)


def persona(name: str, *, options: Sequence[str] = ("o0", "o1", "o2", "o3"), days: int = 1) -> Persona:
    """A persona with one attribute, ``framing``, that believes in the first option; its horizon is ``days``."""
    return Persona(
        id=name,
        name=name,
        who="true",
        goal=Goal(event="Bought", within=timedelta(days=days)),
        attributes=(Attribute(name="framing", options=tuple(options), believed=options[0], assign="day"),),
    )


def rng(seed: int) -> np.random.Generator:
    """A generator that is the same everywhere."""
    return np.random.Generator(np.random.PCG64(seed))


def drawn(rates: Callable[[int], Floats], *, units_a_day: int = 1000, seed: int = 0) -> Supply:
    """A supply that draws each persona's units by its tables, and their outcomes at ``rates(day number)``."""
    generator = rng(seed)

    def supply(number: int, day: date, snapshot: Snapshot) -> Cells:
        tables = [_in_force(each, day) for each in snapshot.personas]
        units = generator.multinomial(units_a_day, np.array([shares for shares, _ in tables]))
        bought = generator.binomial(units, rates(number))
        return cells_of(
            [each.persona for each in snapshot.personas],
            snapshot.personas[0].attributes[0].options,
            policies=[policy for _, policy in tables],
            units=units,
            bought=bought,
            day=day,
        )

    return supply


def cells_of(
    personas: Sequence[str], options: Sequence[str], *, policies: Sequence[str], units: Ints, bought: Ints, day: date
) -> Cells:
    """Cells of units and successes, shape ``(persona, option)``, all of one day."""
    a, k = units.shape
    rows = a * k
    n, s = units.ravel(), bought.ravel()
    columns = {
        "outcome_day": pa.array([day] * rows, type=pa.date32()),
        "persona": np.repeat(np.array(personas, dtype=object), k).tolist(),
        "attribute": ["framing"] * rows,
        "metric": [GOAL] * rows,
        "option": list(options) * a,
        "cohort": pa.array([day] * rows, type=pa.date32()),
        "channel": [""] * rows,
        "stratum": [""] * rows,
        "policy": np.repeat(np.array(policies, dtype=object), k).tolist(),
        "n": n,
        "s": s,
        "sum": s.astype(float),
        "sum_sq": s.astype(float),
    }
    return Cells.of(pa.table(columns))


def _in_force(each: SnapshotPersona, day: date) -> tuple[tuple[float, ...], str]:
    """Shares and name of the table that epochs beginning on ``day`` are drawn from."""
    tables = each.attributes[0].tables
    table = next((table for table in reversed(tables) if table.day <= day), tables[0])
    return table.shares, table.policy
