"""Answers that are kept as they come, a line of JSON each: a long benchmark is interrupted and run again.

Each line names the code that gave it. Answers of other code stay in the file and are not used.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

Asked = tuple[str, int]
"""A world: its story and its seed."""

Answer = dict[str, Any]
"""What was found in a world: numbers, and texts."""


def code_of(*rooms: Path) -> str:
    """A text that is another one when what some folders and files of Python do may be; comments do not count."""
    found = hashlib.sha256()
    for room in rooms:
        for file in sorted(room.rglob("*.py")) if room.is_dir() else [room]:
            said = ast.dump(ast.parse(file.read_text(encoding="utf-8")))
            found.update(f"{file.relative_to(room.parent)}\n{said}\n".encode())
    return found.hexdigest()[:16]


def answered(
    file: Path, asked: Sequence[Asked], find: Callable[[str, int], Mapping[str, object]], *, code: str, processes: int
) -> list[Answer]:
    """What ``find`` says of every world, in their order; what ``file`` holds of this ``code`` is not asked again."""
    # Two processes of two threads each wait for one another: five times slower on two cores.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    known = _known(file, code)
    missing = [world for world in asked if world not in known]
    file.parent.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    with (
        file.open("a", encoding="utf-8") as lines,
        ProcessPoolExecutor(max_workers=processes, mp_context=get_context("spawn")) as workers,
    ):
        lines.write("\n" if lines.tell() else "")  # the last line may be half of one
        jobs = {workers.submit(find, *world): world for world in missing}
        for number, job in enumerate(as_completed(jobs), start=1):
            story, seed = jobs[job]
            known[story, seed] = {"story": story, "seed": seed, "code": code, **job.result()}
            lines.write(json.dumps(known[story, seed]) + "\n")
            lines.flush()
            _progress(number, len(missing), time.perf_counter() - began)
    sys.stderr.write("\n" if missing else "")
    return [known[world] for world in asked]


def _known(file: Path, code: str) -> dict[Asked, Answer]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    whole = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    ours = [each for each in whole if each.get("code") == code]
    if len(ours) < len(whole):
        sys.stderr.write(f"{len(whole) - len(ours)} answers in {file} are of other code, and not used\n")
    return {(each["story"], each["seed"]): each for each in ours}


def _progress(done: int, of: int, seconds: float) -> None:
    left = seconds / done * (of - done)
    sys.stderr.write(f"\r{done} of {of} worlds, {seconds / done:.1f} s each, {left / 60:.0f} min left  ")
    sys.stderr.flush()
