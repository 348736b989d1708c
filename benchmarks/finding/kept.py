"""What each world came to, kept as it comes: a benchmark that takes hours is interrupted, and goes on.

What is kept counts for as long as nothing is changed that finds segments or makes these worlds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from cached import Answer, Asked, answered, code_of

KEEP = "KEEP"
"""The environment variable that names the folder; without it nothing is kept."""

_ROOT = Path(__file__).parents[2]
CODE = code_of(
    *(_ROOT / "src" / "living_personas" / room for room in ("discovery", "stats", "rules", "simulate")),
    _ROOT / "src" / "living_personas" / "domain" / "candidate.py",
    _ROOT / "tests" / "worlds",
    *(_ROOT / "benchmarks" / "finding" / name for name in ("counting.py", "nulls.py", "planted.py")),
)
"""The code that makes worlds and looks for segments in them."""


def worlds(name: str, asked: Sequence[Asked], find: Callable[[str, int], Mapping[str, object]]) -> list[Answer]:
    """What ``find`` says of each kind of world and seed, in their order, one world at a time."""
    file = f"{re.sub('[^a-z0-9]+', '-', name.lower())}.jsonl"
    folder = os.environ.get(KEEP)
    if folder:
        return answered(Path(folder) / file, asked, find, code=CODE, processes=1)
    with TemporaryDirectory() as passing:
        return answered(Path(passing) / file, asked, find, code=CODE, processes=1)
