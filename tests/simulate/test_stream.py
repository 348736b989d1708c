"""A million customers, day by day, in bounded memory."""

from __future__ import annotations

import gc
import resource
import time
import tracemalloc

import pytest

from living_personas.simulate.policies import drawn
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec


@pytest.mark.long
def test_what_is_kept_between_days_does_not_grow_with_them() -> None:
    world = World(demo_spec(1, customers=4_000))
    decide = drawn(world)
    days = list(world.days())
    tracemalloc.start()
    held = []
    for number, day in enumerate(days[:60]):
        world.live(day, decide)
        if number in (19, 59):
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    rows = world.answers().num_rows
    assert held[1] - held[0] < 2_000 * rows  # the truth of each day, a few rows, and nothing else


@pytest.mark.slow
def test_a_million_customers_live_three_days() -> None:
    start = time.perf_counter()
    world = World(demo_spec(1, customers=1_000_000))
    drawn_up = time.perf_counter() - start
    decide = drawn(world)
    rows = exposures = 0
    for day in list(world.days())[:3]:
        batch = world.live(day, decide)
        rows += len(batch)
        exposures += batch.exposures.num_rows
    seconds = time.perf_counter() - start - drawn_up
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"\n1,000,000 customers: drawn in {drawn_up:.1f} s; 3 days, {rows:,} events and {exposures:,} exposures "
        f"in {seconds:.1f} s; {memory:.1f} GB at most"
    )
    assert rows > 1_000_000
    assert memory < 4
