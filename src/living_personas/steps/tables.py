"""Relations in memory: days of a kind are many small files, and most of them were read before."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.ports import Relation

__all__ = ["table_of"]

SMALL = 64 << 10
"""Bytes of a file that is kept in memory once it was read: a day's cells, not its events."""

_KEPT = 2048


def table_of(relation: Relation, schema: pa.Schema | None = None) -> pa.Table:
    """A relation in memory; no paths are no rows of ``schema``."""
    if not isinstance(relation, tuple):
        return relation
    tables = [_read(path) for path in relation]
    return pa.concat_tables(tables) if tables else (schema or pa.schema([])).empty_table()


def _read(path: str) -> pa.Table:
    found = Path(path).stat()
    if found.st_size > SMALL:
        return _read_file(path)
    return _read_small(path, found.st_ino, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=_KEPT)
def _read_small(path: str, _inode: int, _modified: int, _size: int) -> pa.Table:
    """A small file, read once for as long as it is the same one."""
    return _read_file(path)


def _read_file(path: str) -> pa.Table:
    # One file each, read whole: as a data set of one, each took eight times as long.
    return pq.ParquetFile(path).read(use_threads=False)
