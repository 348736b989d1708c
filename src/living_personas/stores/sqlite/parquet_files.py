"""Parquet files that are there in whole or not at all, whatever happens to the power."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.errors import Location, StoreError

__all__ = ["make_folder", "remove", "write_parquet"]


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table under a temporary name, then give it its own; both are on disk when this returns."""
    temporary = _temporary(path)
    with _wrapped(path):
        make_folder(path.parent)
        with temporary.open("wb") as file:
            pq.write_table(table, file, compression="zstd", **_encodings(table.schema))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and the folders above it, each on disk before something is put into it."""
    with _wrapped(folder):
        if folder.is_dir():
            return
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


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


def _temporary(path: Path) -> Path:
    return path.with_name(f"{path.name}.tmp")


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder, and writes its entries through by itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
