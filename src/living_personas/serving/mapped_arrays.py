"""Columns in a file that has no name, read as if they were memory: what nobody asks for takes none."""

from __future__ import annotations

import mmap
from pathlib import Path
from tempfile import TemporaryFile

import pyarrow as pa

__all__ = ["mapped"]

SMALL = 1 << 20
"""Bytes of a column that stays in memory: a file takes a page or two, a handle, and a moment."""

_OWN = 0o700


def mapped(column: pa.Array, folder: Path | None) -> pa.Array:
    """The column as it is, its bytes in a file of ``folder`` that ends with the last who looks at it.

    The system keeps the pages in memory that are asked for, as long as nobody needs the room for something else. What
    is small stays in memory, as does everything without a folder, or where it has no room or must not be written.
    """
    if folder is None or column.nbytes < SMALL:
        return column
    try:
        folder.parent.mkdir(mode=_OWN, exist_ok=True)  # a workspace whose store is elsewhere has none
        folder.mkdir(mode=_OWN, exist_ok=True)
        return _in_file(column, folder)
    except OSError:  # a full disk is no reason to know nobody
        return column


def _in_file(column: pa.Array, folder: Path) -> pa.Array:
    schema = pa.schema([("column", column.type)])
    with TemporaryFile(dir=folder) as file:
        with pa.ipc.new_file(file, schema) as written:
            written.write_batch(pa.record_batch([column], schema=schema))
        file.flush()
        held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pa.ipc.open_file(pa.py_buffer(held)).get_batch(0).column(0)
