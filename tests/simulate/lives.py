"""Worlds that were lived by the die, with everything that came out of them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from living_personas.domain.batch import EventBatch
from living_personas.simulate.policies import Shares, drawn
from living_personas.simulate.spec import WorldSpec
from living_personas.simulate.world import World


@dataclass(frozen=True)
class Lived:
    """A world, its history, and its days."""

    world: World
    history: list[EventBatch]
    batches: list[EventBatch]

    @property
    def events(self) -> pa.Table:
        """All events of the days."""
        return pa.concat_tables([batch.events for batch in self.batches])

    @property
    def exposures(self) -> pa.Table:
        """All exposures of the days."""
        return pa.concat_tables([batch.exposures for batch in self.batches])


def lived(spec: WorldSpec, *, days: int | None = None, shares: Shares | None = None) -> Lived:
    """A world lived by the die."""
    world = World(spec)
    history = list(world.history())
    decide = drawn(world, shares=shares)
    return Lived(world=world, history=history, batches=[world.live(day, decide) for day in list(world.days())[:days]])


def joined(batches: list[EventBatch]) -> EventBatch:
    """Some batches as one."""
    return EventBatch(
        events=pa.concat_tables([batch.events for batch in batches]),
        exposures=pa.concat_tables([batch.exposures for batch in batches]),
    )
