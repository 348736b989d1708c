"""Answers that are kept as they come, a line of JSON each: a long benchmark is interrupted and run again."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

__all__ = ["Answer", "Asked", "answered"]

Asked = tuple[str, int]
"""A world: its story and its seed."""

Answer = dict[str, object]
"""What was found in a world: numbers, and texts."""


def answered(
    file: Path, asked: Sequence[Asked], find: Callable[[str, int], Mapping[str, object]], *, processes: int
) -> list[Answer]:
    """What ``find`` says of every world, in their order; those that ``file`` holds already are not asked again."""
    # Two processes of two threads each wait for one another: five times slower on two cores.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    known = _known(file)
    missing = [world for world in asked if world not in known]
    file.parent.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    with (
        file.open("a", encoding="utf-8") as lines,
        ProcessPoolExecutor(max_workers=processes, mp_context=get_context("spawn")) as workers,
    ):
        jobs = {workers.submit(find, *world): world for world in missing}
        for number, job in enumerate(as_completed(jobs), start=1):
            story, seed = jobs[job]
            known[story, seed] = {"story": story, "seed": seed, **job.result()}
            lines.write(json.dumps(known[story, seed]) + "\n")
            lines.flush()
            _progress(number, len(missing), time.perf_counter() - began)
    sys.stderr.write("\n" if missing else "")
    return [known[world] for world in asked]


def _known(file: Path) -> dict[Asked, Answer]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    whole = [json.loads(line) for line in lines if line.endswith("}")]
    return {(each["story"], each["seed"]): each for each in whole}


def _progress(done: int, of: int, seconds: float) -> None:
    left = seconds / done * (of - done)
    sys.stderr.write(f"\r{done} of {of} worlds, {seconds / done:.1f} s each, {left / 60:.0f} min left  ")
    sys.stderr.flush()
