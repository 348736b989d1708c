"""What a search costs: seconds of one core and memory, from ten thousand to a million customers."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from refinement.figures import Benchmark, Figure

from finding.counting import SEED, searched
from worlds.customers import customers

__all__ = ["WEIGHT"]


def _run(n: int, *, seconds: float | None, gigabytes: float | None) -> Callable[[int], Iterator[Figure]]:
    def run(count: int) -> Iterator[Figure]:
        # a process of its own, as memory is the most that a process ever had
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            used = list(pool.map(_searched, [n] * count, range(SEED, SEED + count)))
        cpu, memory = np.array(used).T
        yield Figure("seconds of one core, the most", cpu.max(), cpu.min(), cpu.max(), count, seconds)
        yield Figure("gigabytes, the most", memory.max(), memory.min(), memory.max(), count, gigabytes)

    return run


def _searched(n: int, seed: int) -> tuple[float, float]:
    """Seconds of CPU of a search with something to find, and gigabytes at most, the frame included."""
    world = customers("gamma", n, seed=seed, planted=0.05)
    begun = time.process_time()
    searched(world.frame, seed=seed)
    return time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


WEIGHT = {
    "cost, 20,000 customers": Benchmark(_run(20_000, seconds=None, gigabytes=None), worlds=3, quick=1),
    "cost, 1,000,000 customers": Benchmark(_run(1_000_000, seconds=60, gigabytes=2), worlds=3, quick=1),
}
