"""A world whose customers meet what the loop decides, day by day; interrupted and begun again, it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa

from living_personas.demo.drive import ONE_DAY, Drive, noon
from living_personas.domain.batch import EventBatch
from living_personas.engines.table_files import write_table
from living_personas.loop import cycle
from living_personas.loop.closing import closed_through
from living_personas.loop.folding.customers import keep_customers
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.simulate.policies import replayed
from living_personas.simulate.world import Decide, World

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
    context, first = drive.context, world.spec.first_day
    for batch in world.history():
        record(context, batch, received=noon(first))
        yield batch.events["day"][0].as_py(), batch
    if closed_through(context) is None:
        context.store.inbox.seal()
        cycle.run(context, now=noon(first), owner=_OWNER, until=first - ONE_DAY)
        keep_customers(context, first - ONE_DAY)
    for day in world.days():
        batch = world.live(day, _kept(drive.decide, root / DECISIONS / f"{day}.parquet", day))
        if (closed_through(context) or day - ONE_DAY) < day:
            record(context, batch, received=noon(day))
            cycle.run(context, now=noon(day + ONE_DAY), owner=_OWNER, until=day)
        yield day, batch
    context.store.close()


def _kept(decide: Decide, path: Path, day: date) -> Decide:
    """What was decided on the day before, or what is decided now and kept."""

    def decide_once(asked: pa.Table) -> pa.Table:
        if path.exists():
            return replayed(table_of((str(path),)))(asked)
        decided = decide(asked)
        write_table(decided.append_column("day", pa.repeat(pa.scalar(day), decided.num_rows)), path)
        return decided

    return decide_once
