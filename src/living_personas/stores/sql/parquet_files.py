"""Parquet files that are there in whole or not at all, whatever happens to the power."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import ENOSPC
from pathlib import Path
from shutil import copyfileobj
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.errors import Location, StoreError
from living_personas.ports import Relation
from living_personas.stores.sql.sums import Sum, SummingFile
from living_personas.whole_file import sync_folder

__all__ = [
    "count_rows",
    "make_folder",
    "own_file",
    "own_folder",
    "pieces",
    "readable_rows",
    "remove",
    "write_durably",
    "write_parquet",
]

_OWN_FOLDER, _OWN_FILE = 0o700, 0o600
"""What a workspace remembers is for its own user alone."""
_PIECE = 4 << 20
"""Bytes of a file that are copied at once."""
_BINARY = getattr(os, "O_BINARY", 0)


def write_parquet(table: pa.Table | Path, path: Path) -> Sum:
    """Write a table, or what a Parquet file of somebody else holds, under a temporary name, then give it its own.

    Both are on disk when this returns.
    """
    if isinstance(table, Path):
        with table.open("rb") as file:
            return write_durably(path, lambda own: copyfileobj(file, own, _PIECE))
    return write_durably(path, lambda file: pq.write_table(table, file, compression="zstd", **_encodings(table.schema)))


def write_durably(path: Path, write: Callable[[SummingFile], object]) -> Sum:
    """Let a file be written under a temporary name, then give it its own; the sum of what is on disk then."""
    temporary = _temporary(path)
    with _wrapped(path):
        make_folder(path.parent)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, _OWN_FILE), "wb") as file:
            summed = SummingFile(file)
            write(summed)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    return summed.sum


def pieces(rows: Relation) -> Iterator[pa.Table | Path]:
    """What a relation holds, of which each becomes a file; whatever has no rows becomes none."""
    held = (rows,) if isinstance(rows, pa.Table) else map(Path, rows)
    return (piece for piece in held if count_rows(piece))


def count_rows(table: pa.Table | Path) -> int:
    """How many rows a table has, or a Parquet file says that it has.

    Raises
    ------
    StoreError
        If it is no such file.
    """
    if isinstance(table, pa.Table):
        return int(table.num_rows)
    try:
        return int(pq.read_metadata(table).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            f"A file that is to be taken into the store cannot be read: {str(error).partition(chr(10))[0]}.",
            hint="try again; if it stays, look whether the engine's files are written where this process reads them.",
            where=Location(file=str(table)),
        ) from error


def readable_rows(path: Path) -> int | None:
    """How many rows a file has, all of which were read; None if it cannot be read to its end."""
    try:
        return sum(int(batch.num_rows) for batch in pq.ParquetFile(path).iter_batches())
    except (OSError, pa.ArrowException):
        return None


def own_file(path: Path) -> None:
    """Make a file that nobody else may read, or take the rights of others away from one that is there."""
    with _wrapped(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | _BINARY, _OWN_FILE))
        for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            _take_rights(each, _OWN_FILE)


def own_folder(folder: Path) -> None:
    """Make a folder that nobody else may look into, or take the rights of others away from one that is there."""
    make_folder(folder)
    with _wrapped(folder):
        _take_rights(folder, _OWN_FOLDER)


def make_folder(folder: Path) -> None:
    """Make a folder and the folders above it, each on disk before something is put into it."""
    with _wrapped(folder):
        if folder.is_dir():
            return
        make_folder(folder.parent)
        folder.mkdir(mode=_OWN_FOLDER, exist_ok=True)
        sync_folder(folder.parent)


def remove(path: Path) -> bool:
    """Remove a file and what was left of writing it; False if somebody still holds it open (on Windows)."""
    try:
        _temporary(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _encodings(schema: pa.Schema) -> dict[str, Any]:
    """Ids of messages are all different and moments hardly repeat: a dictionary of them takes time and room."""
    moments = [field.name for field in schema if pa.types.is_timestamp(field.type)]
    alone = {*moments, "message_id"}
    return {
        "use_dictionary": [name for name in schema.names if name not in alone],
        "column_encoding": dict.fromkeys(moments, "DELTA_BINARY_PACKED"),
    }


def _take_rights(path: Path, mode: int) -> None:
    """Leave no right but those of ``mode``; whose file it is may not be ours, and then its owner has to do it."""
    with suppress(FileNotFoundError, PermissionError):
        if path.stat().st_mode & 0o777 & ~mode:
            path.chmod(mode)


def _temporary(path: Path) -> Path:
    return path.with_name(f"{path.name}.tmp")


@contextmanager
def _wrapped(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno == ENOSPC
        raise StoreError(
            f"Cannot write {path.name!r}: {error.strerror or error}.",
            hint="free some disk space and try again." if full else "check that this user may write to the folder.",
            where=Location(file=str(path)),
        ) from error
