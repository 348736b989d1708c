"""What `personas discover` costs where a million customers lie in a workspace: all of it, from events to segments."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
from refinement.figures import Benchmark, Figure

from finding.counting import SEED
from living_personas.domain.persona import Persona
from living_personas.domain.settings import Settings
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.loop.context import Context
from living_personas.loop.segments.discovery import discover
from living_personas.memory.records import STARTED
from living_personas.stores.sqlite.store import SqliteStore
from worlds.customers import customers
from worlds.in_events import DAYS, FEATURES, LAST, live, personas_of

__all__ = ["WHOLE_SEARCH"]

Told = ParamSpec("Told")
Found = TypeVar("Found")


def _run(n: int, *, seconds: float | None, gigabytes: float | None) -> Callable[[int], Iterator[Figure]]:
    def run(count: int) -> Iterator[Figure]:
        used = []
        for seed in range(SEED, SEED + count):
            with tempfile.TemporaryDirectory() as folder:
                personas = _alone(_written, folder, n, seed)
                used.append(_alone(_searched, folder, personas, seed))
        cpu, memory = np.array(used).T
        yield Figure("seconds of processor, the most", cpu.max(), cpu.min(), cpu.max(), count, seconds)
        yield Figure("gigabytes, the most", memory.max(), memory.min(), memory.max(), count, gigabytes)

    return run


def _alone(asked: Callable[Told, Found], *told: Told.args, **named: Told.kwargs) -> Found:
    """A process of its own, as memory is the most that a process ever had."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(asked, *told, **named).result()


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


def _searched(folder: str, personas: tuple[Persona, ...], seed: int) -> tuple[float, float]:
    """Seconds of processor of a search whose days were never added up before, and gigabytes at most."""
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
    return used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


WHOLE_SEARCH = {
    "whole search, 1,000,000 customers": Benchmark(_run(1_000_000, seconds=None, gigabytes=None), worlds=3, quick=1)
}
