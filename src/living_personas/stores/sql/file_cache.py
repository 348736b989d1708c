"""Copies of files that are kept elsewhere: those that were used least lately go when they are too many."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from living_personas.errors import InvalidSettingsError
from living_personas.stores.sql.parquet_files import remove

__all__ = ["COPIED_BYTES", "FileCache", "copied_bytes"]

COPIED_BYTES = 20 * 10**9
"""Bytes of copies on a machine, unless somebody says another number."""


_SIZE = re.compile(r"([0-9]{1,6})\s*(MB|GB|TB)")
_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


def copied_bytes(said: str, *, variable: str) -> int:
    """How many bytes a text such as ``20GB`` means.

    >>> copied_bytes("20GB", variable="CACHE")
    20000000000

    Raises
    ------
    InvalidSettingsError
        If it says no number of bytes; it names the variable that said it.
    """
    found = _SIZE.fullmatch(said.strip().upper())
    if not found:
        raise InvalidSettingsError(
            f"{said!r} is no size of copies of files.", hint=f"write it like 20GB or 500MB, in {variable}."
        )
    return int(found[1]) * _UNITS[found[2]]


class FileCache:
    """How many bytes of copies may lie on this machine; a reader that was given a path has it for ``grace``.

    Parameters
    ----------
    most
        Bytes; more may lie there while they are in use.
    """

    def __init__(self, most: int, *, grace: timedelta, clock: Callable[[], datetime]) -> None:
        self._most = most
        self._grace = grace
        self._clock = clock

    def use(self, path: Path) -> None:
        """Note that a copy was used now; when it was written stays as it is, as that tells a file from others."""
        with suppress(OSError):
            os.utime(path, ns=(round(self._clock().timestamp() * 1e9), path.stat().st_mtime_ns))

    def forget(self, path: Path) -> None:
        """Remove what was begun to be fetched, and left, so long ago that nobody goes on with it."""
        with suppress(OSError):
            if path.stat().st_mtime < (self._clock() - self._grace).timestamp():
                path.unlink()

    def shrink(self, copies: Iterable[Path]) -> int:
        """Remove what was used least lately until the rest fits, but nothing that somebody may read now; how many."""
        sizes: dict[Path, int] = {}
        used: dict[Path, float] = {}
        for path in copies:
            with suppress(OSError):
                found = path.stat()
                sizes[path], used[path] = found.st_size, found.st_atime
        left, gone = sum(sizes.values()), 0
        limit = (self._clock() - self._grace).timestamp()
        for path in sorted(sizes, key=used.__getitem__):
            if left <= self._most or used[path] > limit:
                break
            if remove(path):
                left, gone = left - sizes[path], gone + 1
        return gone
