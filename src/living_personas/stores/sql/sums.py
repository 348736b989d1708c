"""Size and SHA-256 of files that are never written again: what a file must be, and whether it still is."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from living_personas.domain.value import value
from living_personas.errors import Location, StoreError

__all__ = ["Sum", "SummingFile", "check", "sum_of"]

_KEPT = 1 << 15
"""Files of which a process knows that they are whole: some 10 MB."""


@value
class Sum:
    """How many bytes a file has, and their SHA-256."""

    size: int
    sha256: bytes


class SummingFile:
    """A file that is written from its beginning to its end, and summed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._size = 0
        self.closed = False

    def write(self, some: bytes) -> int:
        """Write, and add to the sum."""
        self._sha256.update(some)
        self._size += len(some)
        return self._file.write(some)

    def tell(self) -> int:
        """How much is written."""
        return self._size

    def flush(self) -> None:
        """Hand everything to the system."""
        self._file.flush()

    def close(self) -> None:
        """Nothing: whoever opened the file closes it."""

    @property
    def sum(self) -> Sum:
        """The sum of what was written."""
        return Sum(size=self._size, sha256=self._sha256.digest())


def sum_of(path: Path) -> Sum:
    """The sum of a file as it is now."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        return Sum(size=file.tell(), sha256=digest)


def check(path: Path, expected: Sum | None, *, hint: str) -> None:
    """Check a file, the first time that this process asks for it as it is now; without a sum, that it is there.

    Raises
    ------
    StoreError
        If it is missing, or other than it was written.
    """
    where = Location(file=str(path))
    try:
        found = path.stat()
        if expected is None:
            return
        whole = found.st_size == expected.size and (
            _digest(str(path), found.st_ino, found.st_mtime_ns, found.st_size) == expected.sha256
        )
    except FileNotFoundError as error:
        raise StoreError(f"The file {path.name!r} is missing.", hint=hint, where=where) from error
    except OSError as error:
        raise StoreError(f"The file {path.name!r} cannot be read: {error.strerror}.", hint=hint, where=where) from error
    if not whole:
        raise StoreError(f"The file {path.name!r} is not what was written into it.", hint=hint, where=where)


@lru_cache(maxsize=_KEPT)
def _digest(path: str, _inode: int, _modified: int, _size: int) -> bytes:
    return sum_of(Path(path)).sha256
