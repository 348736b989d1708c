"""Which processes run (Linux only)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def children(parent: int) -> list[int]:
    """Those that a process started and that have not ended, in order."""
    every = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return sorted(each for each in every if _stat(each)[1:2] == [str(parent)] and runs(each))


def runs(process: int) -> bool:
    """Whether it has not ended; one that nobody has asked about since has."""
    return _stat(process)[:1] not in ([], ["Z"], ["X"])


def _stat(process: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return []
