"""Answers that are read piece by piece: as many rows in each as are asked for, however the engine sends them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from living_personas.engines.conversation import Conversation
from living_personas.engines.sql.sql_text import select_sql

__all__ = ["evenly", "in_pieces"]


def in_pieces(talk: Conversation, statement: str, most: int) -> Iterator[pa.Table]:
    """The rows of a statement in its order, so many in each piece but the last; no rows are one piece."""
    found = False
    for piece in evenly(talk.stream(statement), most):
        yield piece
        found = True
    if not found:
        yield talk.answer(select_sql(["*"], source=f"({statement}) AS answered", ending="LIMIT 0"))


def evenly(batches: Iterable[pa.RecordBatch], most: int) -> Iterator[pa.Table]:
    """The rows of some batches, so many in each piece but the last.

    >>> rows = [pa.record_batch({"n": each}) for each in ([1, 2, 3], [4])]
    >>> [piece["n"].to_pylist() for piece in evenly(rows, 2)]
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
