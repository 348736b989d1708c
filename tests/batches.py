"""Events in columns as values again, for tests that ask what one event says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from living_personas.domain.batch import EXPOSURE_SCHEMA, EventBatch
from living_personas.domain.event import Event, Exposure, Quarantined
from living_personas.domain.value import value
from living_personas.sources.read import Loaded, Policies

_OF_EVENT = {"message_id", "customer", "time", "day", "channel"}


def events_of(batch: EventBatch) -> tuple[Event, ...]:
    """The events of a batch; the first with a message id has the exposures."""
    met: dict[str, tuple[Exposure, ...]] = {}
    names = [name for name in EXPOSURE_SCHEMA.names if name not in _OF_EVENT]
    for row in batch.exposures.to_pylist():
        exposure = Exposure(**{name: row[name] for name in names})
        met[row["message_id"]] = (*met.get(row["message_id"], ()), exposure)
    return tuple(
        Event(
            message_id=row["message_id"],
            customer=row["customer"],
            also=row["also"],
            name=row["name"],
            time=row["time"],
            channel=row["channel"],
            properties=json.loads(row["properties"]) or None,
            exposures=met.pop(row["message_id"], ()),
        )
        for row in batch.events.to_pylist()
    )


@value
class Everything:
    """What all chunks of a file became, with its events as values."""

    events: tuple[Event, ...]
    quarantined: tuple[Quarantined, ...]
    policies: Policies
    rows: int
    first: date | None
    last: date | None
    received: int

    @classmethod
    def of(cls, chunks: Sequence[Loaded]) -> Everything:
        days = [day for chunk in chunks for day in (chunk.first, chunk.last) if day]
        return cls(
            events=tuple(event for chunk in chunks for event in events_of(chunk.batch)),
            quarantined=tuple(row for chunk in chunks for row in chunk.quarantined),
            policies=chunks[-1].policies if chunks else {},
            rows=sum(chunk.rows for chunk in chunks),
            first=min(days, default=None),
            last=max(days, default=None),
            received=sum(chunk.received for chunk in chunks),
        )
