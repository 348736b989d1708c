"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["sync_folder", "whole_file"]

_STREAMS = ("/dev/fd/", "/dev/std", "/proc/")
"""How names begin of what a shell has opened: put in its place, a file would be seen by nobody who reads there."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write what is to stand in the place of a file: after a crash it holds the old rows or the new ones.

    A link stays one, and the file that it leads to is replaced. What is no file, such as a device or a pipe, is written
    to as it is. A file that is there keeps its mode; a new one is for whom the umask says.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder, "a", "b.txt")) as new:
    ...         _ = new.write_text("hello")
    ...     Path(folder, "a", "b.txt").read_text()
    'hello'
    """
    if path.as_posix().startswith(_STREAMS) or (path.exists() and not path.is_file()):
        yield path
        return
    real = Path(os.path.realpath(path))
    real.parent.mkdir(parents=True, exist_ok=True)
    mode = real.stat().st_mode & 0o777 if real.exists() else None
    new = real.with_name(f".{real.name[:50]}.{secrets.token_hex(8)}.tmp")
    _make(new, 0o666 if mode is None else mode | 0o600)  # what is read by few is so while it is written, too
    try:
        yield new
        _sync(new)
        if mode is not None:
            new.chmod(mode)
        new.replace(real)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_folder(real.parent)


def _make(file: Path, mode: int) -> None:
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))


def _sync(file: Path) -> None:
    """Let it be on disk what a file holds; it is closed again, as Windows replaces no open one."""
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Let it be on disk which files a folder holds."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
