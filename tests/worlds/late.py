"""A world whose feed is late: what sold on a day is known some days later, of one option or of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pyarrow as pa

from living_personas.domain.cell import Cells
from living_personas.domain.persona import Persona
from living_personas.domain.refinement import LATE_DATA, Refinement
from living_personas.domain.settings import Settings, Source, SourceTime
from living_personas.domain.snapshot import Snapshot
from living_personas.loop import closing, cycle
from living_personas.loop.corrections.second_look import remember_applied
from living_personas.loop.event_days.lateness import note_brought
from living_personas.memory.tables import CELLS
from living_personas.stats.arrays import Floats, Ints
from worlds.cells import CellWorld, cells_of, persona, rng

SOURCE = Source(name="orders", customer="id", time=SourceTime(column="at"), fixed_event="Bought")
OPTIONS = ("o0", "o1", "o2", "o3")
_DAY = timedelta(days=1)


@dataclass
class LateFeed:
    """Units of many personas, each of which buys on its day at its option's rate.

    Of the outcomes of each option the part ``share`` becomes known ``days`` later; both have shape (options,).
    """

    rates: Floats
    days: Ints
    share: Floats
    units_a_day: int = 1000
    seed: int = 20260108

    def __post_init__(self) -> None:
        self.rng = rng(self.seed)
        self.units: dict[date, tuple[list[str], list[str], Ints]] = {}
        self.known: dict[date, Ints] = {}
        self.comes: dict[date, list[tuple[date, int, Ints]]] = {}

    def __call__(self, day: date, snapshot: Snapshot) -> Mapping[date, Cells]:
        """The cells of the days of which something became known on ``day``."""
        self._meet(day, snapshot)
        changed = {day}
        for sold, option, outcomes in self.comes.pop(day, []):
            self.known[sold][:, option] += outcomes
            changed.add(sold)
        return {each: self._cells(each) for each in sorted(changed)}

    def _meet(self, day: date, snapshot: Snapshot) -> None:
        tables = [next(t for t in reversed(p.attributes[0].tables) if t.day <= day) for p in snapshot.personas]
        units = self.rng.multinomial(self.units_a_day, np.array([table.shares for table in tables]))
        sold = self.rng.binomial(units, self.rates)
        late = self.rng.binomial(sold, np.where(self.days > 0, self.share, 0.0))
        names = [each.persona for each in snapshot.personas]
        self.units[day] = (names, [table.policy for table in tables], units)
        self.known[day] = sold - late
        for option, days in enumerate(self.days.tolist()):
            if days:
                self.comes.setdefault(day + days * _DAY, []).append((day, option, late[:, option]))

    def _cells(self, day: date) -> Cells:
        names, policies, units = self.units[day]
        return cells_of(names, OPTIONS, policies=policies, units=units, bought=self.known[day], day=day)


@dataclass
class LateWorld(CellWorld):
    """Personas whose feed is late, through all steps of a cycle but the fold; ``undone`` holds what was asked again."""

    supply: LateFeed  # type: ignore[assignment]
    undone: dict[str, Refinement] = field(default_factory=dict)

    @classmethod
    def of(cls, personas: Sequence[Persona], feed: LateFeed, settings: Settings) -> LateWorld:
        """Before its first day."""
        return cls(personas, feed, settings)

    def _live(self, day: date) -> None:
        snapshot = self.context.store.snapshots.latest()
        assert snapshot is not None
        came = self.supply(day, snapshot)
        plan = closing.Plan(days=(day,), refold=tuple(each for each in came if each < day))
        now = datetime.combine(day + _DAY, time(3), tzinfo=UTC)
        states = closing.begin(self.context, plan, now=now) if self.days else self.states
        CELLS.replace(self.context.store, {each: cells.table for each, cells in came.items()})
        states = closing.recounted(self.context, plan, states)
        for asked in cycle.look_again(self.context, plan):
            if asked.kind == "undo":
                self.undone[asked.subject.persona] = asked
        with self.context.store.commit():
            learned = cycle.learn(self.context, states, day)
            for refinement in cycle.refine(self.context, learned, day):
                if refinement.kind == "correct":
                    self.corrected.setdefault(refinement.subject.persona, refinement)
            self.states = cycle.publish(self.context, [state for state, _ in learned], day)
            remember_applied(self.context, day)
            closing.close(self.context, self.states, day)


def live(
    rates: Floats, days: Ints, settings: Settings, *, personas: int, through: int, share: float = 1.0
) -> LateWorld:
    """Personas whose outcomes come late by so many ``days``, or the part ``share`` of them."""
    feed = LateFeed(rates, days, np.full(4, share))
    world = LateWorld.of([persona(f"p{i:03d}") for i in range(personas)], feed, settings)
    if settings.sources:
        with world.context.store.commit():
            note_brought(world.context, SOURCE.name, pa.table({"name": ["Bought"]}))
    world.run(through)
    return world


def applied(world: LateWorld) -> int:
    """How many corrections were applied."""
    return sum(each.verdict == "apply" for each in world.corrected.values())


def asked_again(world: LateWorld) -> int:
    """How many of them the second look asks about."""
    return sum(each.review == "open" and LATE_DATA in each.why.lower() for each in world.undone.values())
