"""Checksums of the database's pages, by SQLite's own cksumvfs: a page that was changed on the disk is never read."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import apsw
import apsw.sqlite_extra
import numpy as np
import numpy.typing as npt

from living_personas.errors import Location, StoreError

__all__ = ["DAMAGED_HINT", "checksum_vfs", "damaged_pages", "is_protected", "protect"]

DAMAGED_HINT = "`personas doctor --deep` says what is damaged, and what it can be made from again."

_NAME = "cksmvfs"
_RESERVED = 8
"""Bytes at the end of each page that hold its checksum."""
_MARK = 0x4C50_6373
"""The application id of a database whose pages carry checksums: "LPcs"."""
_HEADER = 100
_ATTEMPTS = 3
_AT_ONCE = 1 << 14
"""Pages that are looked at together: 64 MB."""
_SIZES = frozenset(1 << bits for bits in range(9, 17))


@lru_cache(maxsize=1)
def checksum_vfs() -> str:
    """The file system of SQLite that writes and checks the checksums; empty where the library comes without it."""
    if apsw.sqlite_extra.has("cksumvfs") != "extension":
        return ""
    default = apsw.vfs_names()[0]
    loader = apsw.Connection(":memory:")
    apsw.sqlite_extra.load(loader, "cksumvfs")
    loader.close()
    apsw.set_default_vfs(default)  # it makes itself everybody's, who did not ask for it
    return _NAME


def protect(raw: apsw.Connection, path: Path) -> None:
    """Let the pages of a database carry checksums from now on; one of before is written anew, once.

    While somebody else has such a database open it stays as it is, until somebody opens it alone.

    Raises
    ------
    StoreError
        If the pages carry checksums that cannot be checked, as the header is damaged or the library lacks the part.
    """
    header = _header(path)
    if not checksum_vfs():
        if _reserved(header) == _RESERVED:
            raise StoreError(
                "The pages of the database carry checksums, which this SQLite library cannot check.",
                hint="install `apsw` from its own wheel, which brings `cksumvfs`.",
                where=Location(file=str(path)),
            )
        return
    if _is_marked(header):
        if _reserved(header) != _RESERVED:
            raise StoreError(
                "The header of the database is damaged: it denies the checksums of its pages.",
                hint=DAMAGED_HINT,
                where=Location(file=str(path)),
            )
        return
    if header and _reserved(header) != _RESERVED:
        _write_anew(raw)
    elif not header:
        raw.reserve_bytes("main", _RESERVED)
        raw.execute(f"PRAGMA application_id = {_MARK}")


def is_protected(path: Path) -> bool:
    """Whether the pages of a database carry checksums."""
    header = _header(path)
    return _is_marked(header) and _reserved(header) == _RESERVED


def damaged_pages(path: Path) -> tuple[int, ...]:
    """The numbers, from 1, of the pages whose checksum is another one; also of those that hold nothing.

    What lies in the log is not looked at: it has checksums of its own. A page that is being written is read again.
    """
    wrong = _wrong(path, None)
    for _ in range(_ATTEMPTS - 1):
        if not wrong:
            break
        wrong = _wrong(path, wrong)
    return tuple(wrong)


def _write_anew(raw: apsw.Connection) -> None:
    try:
        raw.execute("PRAGMA journal_mode = DELETE")  # nobody else has it open: a version of before would not keep them
    except apsw.BusyError:
        return
    raw.reserve_bytes("main", _RESERVED)
    raw.execute("VACUUM")
    raw.execute(f"PRAGMA application_id = {_MARK}")


def _wrong(path: Path, among: list[int] | None) -> list[int]:
    size = _page_size(_header(path))
    if size not in _SIZES:
        return [1]
    found: list[int] = []
    with path.open("rb") as file:
        numbers = np.arange(path.stat().st_size // size) if among is None else np.array(among) - 1
        for at in range(0, len(numbers), _AT_ONCE):
            some = numbers[at : at + _AT_ONCE]
            found += (some[~_are_whole(_pages(file, some, size))] + 1).tolist()
    return found


def _pages(file: BinaryIO, numbers: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.uint8]:
    """The pages of these numbers, from 0; shape ``(n, size)``, zeros where the file ends before."""
    pages = np.zeros((len(numbers), size), np.uint8)
    if len(numbers) and numbers[-1] - numbers[0] + 1 == len(numbers):
        file.seek(int(numbers[0]) * size)
        text = file.read(pages.size)
        pages.reshape(-1)[: len(text)] = np.frombuffer(text, np.uint8)
        return pages
    for row, number in enumerate(numbers):
        file.seek(int(number) * size)
        text = file.read(size)
        pages[row, : len(text)] = np.frombuffer(text, np.uint8)
    return pages


def _are_whole(pages: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which pages hold the checksum of their content, as cksumvfs reckons it: two sums over pairs of words."""
    words = np.ascontiguousarray(pages[:, :-_RESERVED]).view("<u4").T
    first = np.zeros(pages.shape[0], np.uint32)
    second = np.zeros(pages.shape[0], np.uint32)
    for at in range(0, len(words), 2):
        first += words[at] + second
        second += words[at + 1] + first
    held = np.ascontiguousarray(pages[:, -_RESERVED:]).view("<u4")
    whole: npt.NDArray[np.bool_] = (held[:, 0] == first) & (held[:, 1] == second)
    return whole


def _header(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            found = file.read(_HEADER)
    except OSError as error:
        raise StoreError(
            f"The database cannot be read: {error.strerror}.",
            hint="check that this user may write to the folder and the files in it.",
            where=Location(file=str(path)),
        ) from error
    return found if len(found) == _HEADER else b""


def _page_size(header: bytes) -> int:
    size = int.from_bytes(header[16:18], "big")
    return 65536 if size == 1 else size


def _reserved(header: bytes) -> int | None:
    return header[20] if header else None


def _is_marked(header: bytes) -> bool:
    return int.from_bytes(header[68:72], "big") == _MARK
