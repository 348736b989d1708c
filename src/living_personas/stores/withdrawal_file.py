"""The list of what was taken back: a file that is only ever added to, and that no backup holds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from living_personas.domain.withdrawal import Withdrawal
from living_personas.errors import Location, StoreError

__all__ = ["WITHDRAWN", "add_withdrawals", "read_withdrawals"]

WITHDRAWN = "withdrawn.jsonl"
"""Its name in the folder of the store."""

_LINE: TypeAdapter[Withdrawal] = TypeAdapter(Withdrawal)


def add_withdrawals(path: Path, rows: Iterable[Withdrawal]) -> None:
    """Add lines, which are on disk when this returns: before what they say is committed, so that none is missing."""
    text = b"".join(_LINE.dump_json(row) + b"\n" for row in rows)
    if not text:
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, text)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(
            f"What was taken back cannot be noted: {error.strerror}.",
            hint="free some disk space, or check that this user may write to the file; nothing of this call was kept.",
            where=Location(file=str(path)),
        ) from error


def read_withdrawals(path: Path) -> tuple[Withdrawal, ...]:
    """The lines of such a file, oldest first; what a crash left half-written at its end was never committed.

    Raises
    ------
    StoreError
        If there is no such file, or a line is damaged or of a newer version.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise StoreError(
            f"The list of what was taken back cannot be read: {error.strerror}.",
            hint="give the `withdrawn.jsonl` of the workspace that was lost or replaced.",
            where=Location(file=str(path)),
        ) from error
    return tuple(_read(path, number, line) for number, line in enumerate(lines[:-1], 1) if line)


def _read(path: Path, number: int, line: bytes) -> Withdrawal:
    try:
        return _LINE.validate_json(line)
    except ValidationError as error:
        raise StoreError(
            f"The line says {line[:80].decode(errors='replace')!r}, which this version does not understand.",
            hint="mend the line, or install the version that wrote it: what was taken back must not come back.",
            where=Location(file=str(path), line=number),
        ) from error
