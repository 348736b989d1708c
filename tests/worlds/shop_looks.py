"""A simulated shop as the search for segments sees it on some days, without the loop: decided by the die."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.discovery.columns import Column
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.recording.record import record
from living_personas.simulate.policies import drawn
from living_personas.simulate.spec import WorldSpec
from living_personas.simulate.workspace_files import workspace_files
from living_personas.simulate.world import World
from living_personas.wiring import open_context
from loop.searches import looked_at

RECEIVED = datetime(2026, 1, 1, tzinfo=UTC)

Look = tuple[pa.Table, tuple[Column, ...], pa.Array]
"""Customers, what to look at, and who of them was planted."""


def looks(spec: WorldSpec, root: Path, *, days: Sequence[int]) -> Iterator[Look]:
    """What is seen at the end of each of these days; the workspace is written below ``root``."""
    for name, text in workspace_files(spec).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    _, context = open_context(root)
    world = World(spec)
    decide = drawn(world)
    planted = pa.concat_arrays([pa.array([], pa.string()), *(segment.members for segment in world.truth.segments)])
    for batch in world.history():
        record(context, batch, received=RECEIVED)
    for number, day in enumerate(world.days()):
        record(context, world.live(day, decide), received=RECEIVED)
        if number in days:
            seal_waiting(context)
            table, columns = looked_at(context, day)
            yield table, columns, pc.is_in(table["customer"], value_set=planted).combine_chunks()
        if number == max(days):
            return
