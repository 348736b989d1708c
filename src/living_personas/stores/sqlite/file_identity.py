"""Which file a database is, whatever was copied from it, and wherever to."""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

__all__ = ["file_identity", "first_identity"]

_HERE = -100  # AT_FDCWD
_BIRTH = 0x800  # STATX_BTIME
_SIZE, _BIRTH_AT = 256, 80  # bytes of `struct statx`, and where its time of birth begins in it


def file_identity(path: Path) -> str:
    """The number of a file on its disk and when it was made there, in nanoseconds; 0 where the disk does not say.

    Numbers alone are those of one disk, and are given again once a file is gone. What is moved on its disk, or is
    seen at another path, stays what it is.
    """
    return f"{path.stat().st_ino}-{_born(path)}"


def first_identity(path: Path) -> str:
    """What a file was told by before its time of birth was: the number alone."""
    return str(path.stat().st_ino)


def _born(path: Path) -> int:
    seconds: float | None = getattr(path.stat(), "st_birthtime", None)
    if seconds is not None:  # macOS and the BSDs
        return round(seconds * 1e9)
    ask = getattr(ctypes.CDLL(None), "statx", None)
    found = ctypes.create_string_buffer(_SIZE)
    if ask is None or ask(_HERE, os.fsencode(path), 0, _BIRTH, found) != 0:
        return 0
    [told] = struct.unpack_from("=I", found)
    whole, rest = struct.unpack_from("=qI", found, _BIRTH_AT)
    return int(whole) * 10**9 + int(rest) if told & _BIRTH else 0
