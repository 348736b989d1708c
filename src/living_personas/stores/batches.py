"""Batches on their way into a store: checked, freed of what is known, cut by day."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date

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


def restricted(batch: EventBatch, stored: Sequence[bool]) -> EventBatch:
    """The stored events of a batch with their exposures, one for each event and attribute."""
    if all(stored) and not batch.exposures.num_rows:
        return batch
    events = batch.events.filter(pa.array(stored, pa.bool_()))
    ids = set(events["message_id"].to_pylist())
    exposed = zip(batch.exposures["message_id"].to_pylist(), batch.exposures["attribute"].to_pylist(), strict=True)
    kept = first_of_each(exposed, is_new=lambda row: isinstance(row, tuple) and row[0] in ids)
    return EventBatch(events=events, exposures=batch.exposures.filter(pa.array(kept, pa.bool_())))


def identity_of(row: Quarantined) -> tuple[str, int | str, str]:
    """What makes a quarantined row itself: its number or, if it is told by its content, what it is told by."""
    by_content = row.message_id.startswith(f"{row.source}:#")
    return (row.source, row.message_id if by_content else row.row, row.payload)


def by_day(table: pa.Table) -> Iterator[tuple[date, pa.Table]]:
    """The rows of each day, in order."""
    for day in sorted(table["day"].unique().to_pylist()):
        yield day, in_order(table.filter(pc.equal(table["day"], pa.scalar(day, pa.date32()))))


def in_order(table: pa.Table) -> pa.Table:
    """Events or exposures by time, then by message id, then by attribute."""
    names = [name for name in ("time", "message_id", "attribute") if name in table.schema.names]
    return table.sort_by([(name, "ascending") for name in names])


def _cast(table: pa.Table, schema: pa.Schema, what: str) -> pa.Table:
    try:
        return table.select(schema.names).cast(schema)
    except (KeyError, ValueError, pa.ArrowException) as error:
        raise StoreError(
            f"The {what} of a batch do not fit their schema: {error}.",
            hint=f"give the columns {', '.join(schema.names)}, as `EventBatch.of` does.",
        ) from error
