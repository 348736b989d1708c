"""System calls that fail, are slow, or are the last ones; strace does it, and tests are skipped loudly without."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache

import pytest

DISK_CALLS = ("pwrite64", "fdatasync", "fsync", "rename", "unlink", "ftruncate")
"""What changes the disk, or makes a change last; strace counts each of them by itself."""


def injected(what: str, *, log: str = "/dev/null") -> list[str]:
    """What a command is run under, so that ``what`` is injected into it and its children.

    Injected calls are written to ``log`` with the seconds since 1970. The traced process, not the tracer, is the one
    that is started: signals and exit codes are its own.
    """
    if not _can_trace():
        pytest.skip("NOT RUN: strace is not installed, or may not trace here")
    calls = what.partition(":")[0]
    options = ["-f", "-D", "-qq", "-ttt", "-o", log]
    return ["strace", *options, "-e", f"trace={calls}", "-e", f"inject={what}"]


@cache
def _can_trace() -> bool:
    strace = shutil.which("strace")
    return (
        strace is not None and subprocess.run([strace, "-qq", "true"], capture_output=True, check=False).returncode == 0
    )
