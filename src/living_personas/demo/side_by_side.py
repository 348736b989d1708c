"""Many personas side by side through the loop's own steps, day by day, in a world that answers in cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from living_personas.domain.persona import Persona
from living_personas.domain.refinement import Refinement
from living_personas.domain.settings import Settings
from living_personas.loop import closing, cycle
from living_personas.loop.context import Context
from living_personas.loop.learning.learn import EvidenceState
from living_personas.memory.tables import CELLS
from living_personas.simulate.cells import Supply
from living_personas.stats.arrays import Floats
from living_personas.wiring import context_in_memory

__all__ = ["FIRST", "CellWorld"]

FIRST = date(2026, 1, 1)
"""The first day of every world that answers in cells."""

WORLD = Settings(name="world", salt="a salt for worlds", holdout=0.0, promise="each")
"""What is said of a world unless told: its personas are so many worlds of their own, so the promise is for each."""


@dataclass
class CellWorld:
    """Personas whose cells come from ``supply``; keeps each persona's first correction and confirmation."""

    personas: Sequence[Persona]
    supply: Supply
    settings: Settings = field(default_factory=lambda: WORLD)
    corrected: dict[str, Refinement] = field(default_factory=dict)
    confirmed: dict[str, Refinement] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context: Context = context_in_memory(self.settings, self.personas)
        plan = closing.Plan(days=(FIRST,))
        self.states: tuple[EvidenceState, ...] = closing.begin(
            self.context, plan, now=datetime.combine(FIRST, time(), tzinfo=UTC)
        )
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

    def days_to_correct(self) -> Floats:
        """The day (from 1) of each persona's first correction, the wait for outcomes included; infinite without one."""
        found = [self.corrected.get(persona.id) for persona in self.personas]
        return np.array([(refinement.day - FIRST).days + 1 if refinement else np.inf for refinement in found])

    def _live(self, day: date) -> None:
        snapshot = self.context.store.snapshots.latest()
        if snapshot is None:
            raise AssertionError  # the state was opened with one
        cells = self.supply(self.days, day, snapshot)
        CELLS.replace(self.context.store, {day: cells.table})
        with self.context.store.commit():
            learned = cycle.learn(self.context, self.states, day)
            for refinement in cycle.refine(self.context, learned, day):
                seen = self.corrected if refinement.kind == "correct" else self.confirmed
                seen.setdefault(refinement.subject.persona, refinement)
            self.states = cycle.publish(self.context, [state for state, _ in learned], day)
