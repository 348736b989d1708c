"""A world whose customers meet what the loop decides, day by day; interrupted and begun again, it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from living_personas import loop
from living_personas.demo.drive import ONE_DAY, Drive, noon
from living_personas.domain.batch import EventBatch
from living_personas.simulate.policies import replayed
from living_personas.simulate.world import Decide, World
from living_personas.steps.calendar import closed_through
from living_personas.steps.members import take_stock
from living_personas.steps.record import record_batch

__all__ = ["DECISIONS", "lived_in_loop"]

DECISIONS = "decisions"
"""The folder beside the workspace's files that keeps what was decided on each day."""

_OWNER = "simulate"


def lived_in_loop(world: World, root: Path) -> Iterator[tuple[date, EventBatch]]:
    """Live the world under the decisions of a workspace in ``root``; each day's batch, history first.

    What was decided is kept before it is met, so that a life that was interrupted is lived again as it was until
    there, and goes on. Segments are not looked for: a look is a person's, or the demo's.
    """
    drive = Drive(world, root)
    parts, first = drive.parts, world.spec.first_day
    for batch in world.history():
        record_batch(parts, batch, received=noon(first))
        yield batch.events["day"][0].as_py(), batch
    if closed_through(parts) is None:
        parts.store.inbox.seal()
        loop.run(parts, now=noon(first), owner=_OWNER, until=first - ONE_DAY)
        take_stock(parts, first - ONE_DAY)
    for day in world.days():
        batch = world.live(day, _kept(drive.decide, root / DECISIONS / f"{day}.parquet", day))
        if (closed_through(parts) or day - ONE_DAY) < day:
            record_batch(parts, batch, received=noon(day))
            loop.run(parts, now=noon(day + ONE_DAY), owner=_OWNER, until=day)
        yield day, batch
    parts.store.close()


def _kept(decide: Decide, path: Path, day: date) -> Decide:
    """What was decided on the day before, or what is decided now and kept."""

    def decide_once(asked: pa.Table) -> pa.Table:
        if path.exists():
            return replayed(pq.read_table(path))(asked)
        decided = decide(asked)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".part")
        pq.write_table(decided.append_column("day", pa.repeat(pa.scalar(day), decided.num_rows)), new)
        new.replace(path)
        return decided

    return decide_once
