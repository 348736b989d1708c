"""Batches on their way into a store: checked, freed of what is known, cut by day."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA, EventBatch
from living_personas.domain.event import Quarantined
from living_personas.errors import StoreError

__all__ = ["by_day", "checked", "first_of_each", "identity_of", "in_order", "restricted"]


def checked(batch: EventBatch) -> EventBatch:
    """The batch with exactly the columns and types of its schemas, or ``StoreError``."""
    return EventBatch(
        events=_cast(batch.events, EVENT_SCHEMA, "events"),
        exposures=_cast(batch.exposures, EXPOSURE_SCHEMA, "exposures"),
    )


def first_of_each(ids: Iterable[Hashable], *, is_new: Callable[[Hashable], bool]) -> tuple[bool, ...]:
    """True for the first row of each id that is new.

    >>> first_of_each(["a", "b", "a"], is_new=lambda id: id != "b")
    (True, False, False)
    """
    met: set[Hashable] = set()
    answer = []
    for id_ in ids:
        answer.append(id_ not in met and is_new(id_))
        met.add(id_)
    return tuple(answer)


def restricted(batch: EventBatch, stored: npt.NDArray[np.bool_]) -> EventBatch:
    """The stored events of a batch (one True or False each) with their exposures, one for each event and attribute."""
    events = batch.events if stored.all() else batch.events.filter(pa.array(stored))
    exposures, ids = batch.exposures, events["message_id"]
    if exposures.num_rows and not exposures["message_id"].equals(ids):  # most often each event has one, or none any
        exposures = exposures.filter(pc.is_in(exposures["message_id"], value_set=ids.combine_chunks()))
        exposures = _one_for_each(exposures, "message_id", "attribute")
    return EventBatch(events=events, exposures=exposures)


def identity_of(row: Quarantined) -> tuple[str, int | str, str]:
    """What makes a quarantined row itself: its number or, if it is told by its content, what it is told by."""
    by_content = row.message_id.startswith(f"{row.source}:#")
    return (row.source, row.message_id if by_content else row.row, row.payload)


def by_day(table: pa.Table) -> Iterator[tuple[date, pa.Table]]:
    """The rows of each day, in order."""
    rows = in_order(table)
    days = rows["day"].cast(pa.int32()).to_numpy()
    begins = np.flatnonzero(np.diff(days, prepend=days[:1] - 1)).tolist()
    for begin, end in pairwise([*begins, len(days)]):
        yield rows["day"][begin].as_py(), rows.slice(begin, end - begin)


def in_order(table: pa.Table) -> pa.Table:
    """Events or exposures by day, then by time, by message id, by attribute."""
    names = [name for name in ("day", "time", "message_id", "attribute") if name in table.schema.names]
    return table.sort_by([(name, "ascending") for name in names])


def _one_for_each(table: pa.Table, *names: str) -> pa.Table:
    """The first row for each combination of values in some columns of texts."""
    codes = np.zeros(table.num_rows, np.int64)
    for name in names:
        column = table[name].combine_chunks().dictionary_encode()
        codes = codes * max(1, len(column.dictionary)) + column.indices.to_numpy()
    _, first = np.unique(codes, return_index=True)
    return table if len(first) == len(codes) else table.take(pa.array(np.sort(first)))


def _cast(table: pa.Table, schema: pa.Schema, what: str) -> pa.Table:
    try:
        return table.select(schema.names).cast(schema)
    except (KeyError, ValueError, pa.ArrowException) as error:
        raise StoreError(
            f"The {what} of a batch do not fit their schema: {error}.",
            hint=f"give the columns {', '.join(schema.names)}, as `EventBatch.of` does.",
        ) from error
