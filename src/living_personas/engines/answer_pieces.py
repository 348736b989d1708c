"""Answers that are read piece by piece: as many rows in each as are asked for, however the engine sends them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

__all__ = ["in_pieces"]


def in_pieces(batches: Iterable[pa.RecordBatch], most: int) -> Iterator[pa.Table]:
    """The rows of some batches, so many in each piece but the last.

    >>> rows = [pa.record_batch({"n": each}) for each in ([1, 2, 3], [4])]
    >>> [piece["n"].to_pylist() for piece in in_pieces(rows, 2)]
    [[1, 2], [3, 4]]
    """
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= most:
            whole = pa.Table.from_batches(waiting)
            yield whole.slice(0, most).combine_chunks()
            waiting, rows = whole.slice(most).to_batches(), rows - most
    if rows:
        yield pa.Table.from_batches(waiting).combine_chunks()
