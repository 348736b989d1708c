"""What work costs: seconds of processor, and the most memory there ever was of a process of its own."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from types import ModuleType
from typing import Any, ParamSpec, TypeVar
from unittest.mock import patch

Told = ParamSpec("Told")
Found = TypeVar("Found")

Spent = dict[str, float]
"""Seconds of processor by step."""


def alone(part: Callable[Told, Found], *told: Told.args, **named: Told.kwargs) -> Found:
    """A part in a fresh process, as memory is the most that a process ever had."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(part, *told, **named).result()


def peak_gigabytes() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def cpu_seconds(work: Callable[[], object]) -> float:
    """Seconds of processor of all threads of this process."""
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1e9


@contextmanager
def steps_timed(spent: Spent, steps: ModuleType, names: Iterable[str]) -> Iterator[None]:
    """Meanwhile, add the seconds of processor of some functions of a module to what was spent on each."""

    def timed(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return step(*given, **named)
            finally:
                spent[name] = spent.get(name, 0.0) + time.process_time() - began

        return run

    replaced: dict[str, Any] = {name: timed(name, getattr(steps, name)) for name in names}
    with patch.multiple(steps, **replaced):
        yield


def say(line: str) -> None:
    """Write a line at once, whatever reads it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
