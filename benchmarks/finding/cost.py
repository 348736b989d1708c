"""What a search costs: seconds of processor and memory, of a table of customers, and from events to segments."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from refinement.figures import Benchmark, Figure
from spent import alone, peak_gigabytes

from finding.counting import SEED, searched
from living_personas.domain.persona import Persona
from living_personas.domain.settings import Settings
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.loop.context import Context
from living_personas.loop.segments.discovery import discover
from living_personas.memory.records import STARTED
from living_personas.stores.sqlite.store import SqliteStore
from worlds.customers import customers
from worlds.in_events import DAYS, FEATURES, LAST, live, personas_of

Cost = tuple[float, float]
"""Seconds of processor, and gigabytes at most."""


def _run(
    cost: Callable[[int, int], Cost], n: int, *, seconds: float | None = None, gigabytes: float | None = None
) -> Callable[[int], Iterator[Figure]]:
    def run(count: int) -> Iterator[Figure]:
        cpu, memory = np.array([cost(n, seed) for seed in range(SEED, SEED + count)]).T
        yield Figure("seconds of processor, the most", cpu.max(), cpu.min(), cpu.max(), count, seconds)
        yield Figure("gigabytes, the most", memory.max(), memory.min(), memory.max(), count, gigabytes)

    return run


def _of_a_table(n: int, seed: int) -> Cost:
    return alone(_searched, n, seed)


def _searched(n: int, seed: int) -> Cost:
    """A search with something to find, the frame included."""
    world = customers("gamma", n, seed=seed, planted=0.05)
    begun = time.process_time()
    searched(world.frame, seed=seed)
    return time.process_time() - begun, peak_gigabytes()


def _of_a_workspace(n: int, seed: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        personas = alone(_written, folder, n, seed)
        return alone(_discovered, folder, personas, seed)


def _store(folder: str) -> SqliteStore:
    return SqliteStore(Path(folder), clock=lambda: datetime(2026, 5, 5, 6, tzinfo=UTC))


def _written(folder: str, n: int, seed: int) -> tuple[Persona, ...]:
    """Write a workspace with something to find; its personas."""
    store = _store(folder)
    frame = customers("gamma", n, seed=seed, planted=0.05).frame
    live(store, frame)
    STARTED.write(store, LAST - timedelta(days=DAYS - 1))  # answers are compared from the middle on
    store.close()
    return personas_of(frame)


def _discovered(folder: str, personas: tuple[Persona, ...], seed: int) -> Cost:
    """What `personas discover` costs whose days were never added up before."""
    store = _store(folder)
    context = Context(
        store=store,
        engine=DuckDBEngine(spill=str(Path(folder) / "spill")),
        settings=Settings(name="many", salt="the salt of many", features=FEATURES),
        personas=personas,
    )
    begun = time.process_time()
    discover(context, LAST, seed=seed)
    used = time.process_time() - begun
    store.close()
    return used, peak_gigabytes()


COST = {
    "cost, 20,000 customers": Benchmark(_run(_of_a_table, 20_000), worlds=3, quick=1),
    "cost, 1,000,000 customers": Benchmark(_run(_of_a_table, 1_000_000, seconds=60, gigabytes=2), worlds=3, quick=1),
    "whole search, 1,000,000 customers": Benchmark(_run(_of_a_workspace, 1_000_000), worlds=3, quick=1),
}
