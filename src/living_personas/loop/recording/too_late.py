"""Events of days that are not counted again, as what was done then is dropped: they go to quarantine, whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Quarantined, QuarantineReason
from living_personas.loop.context import Context
from living_personas.loop.event_days.retired import foldable_from
from living_personas.memory.retired_records import RETIRED

__all__ = ["TOO_LATE", "countable", "rows_of", "unrecorded"]

TOO_LATE: QuarantineReason = "too late"
"""Why such events lie in quarantine; also under which source, where none of the workspace brought them."""


def countable(context: Context, batch: EventBatch) -> tuple[EventBatch, tuple[bool, ...]]:
    """The events of a batch whose days can be counted, and which of all come too late; empty if none does."""
    if not len(batch) or RETIRED.read(context.store) is None:
        return batch, ()
    late = pc.less(batch.events["day"], pa.scalar(foldable_from(context)))
    if not pc.any(late).as_py():
        return batch, ()
    return batch.only(pc.invert(late)), tuple(late.to_pylist())


def unrecorded(context: Context, batch: EventBatch, late: Sequence[bool]) -> tuple[EventBatch, tuple[bool, ...]]:
    """The events that are ``late`` and were never recorded, and which of all events are none of them."""
    ids = batch.events["message_id"]
    known = context.store.inbox.known(ids.filter(pa.array(late)).to_pylist())
    again = pc.is_in(ids, value_set=pa.array(sorted(known), pa.string()))
    new = pc.and_(pa.array(late), pc.invert(again))
    return batch.only(new), tuple(pc.invert(new).to_pylist())


def rows_of(context: Context, batch: EventBatch) -> tuple[Quarantined, ...]:
    """The rows of quarantine that these events are."""
    sources = [source.name for source in context.settings.sources]
    return tuple(_rows(batch, foldable_from(context), sources=sources))


def _rows(batch: EventBatch, first: date, *, sources: Sequence[str]) -> Iterator[Quarantined]:
    met: dict[str, list[Mapping[str, object]]] = {}
    for row in batch.exposures.drop_columns(["customer", "time", "day", "channel"]).to_pylist():
        met.setdefault(row.pop("message_id"), []).append(row)
    for event in batch.events.to_pylist():
        id_ = event["message_id"]
        said = {name: event[name] for name in ("message_id", "customer", "also", "name", "channel")}
        said |= {"time": event["time"].isoformat(), "properties": json.loads(event["properties"])}
        yield Quarantined(
            source=next((name for name in sources if id_.startswith(f"{name}:")), TOO_LATE),
            row=0,
            reason=TOO_LATE,
            detail=f"it is of {event['day']}, and what was done before {first} is not counted again (`retention`)",
            payload=json.dumps(said | ({"exposures": met[id_]} if id_ in met else {}), ensure_ascii=False),
            message_id=id_,
        )
