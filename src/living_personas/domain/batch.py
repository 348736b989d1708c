"""Events in columns: the shape in which they are recorded, sealed and folded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.event import AGENT, BROWSER, SENT_FROM, Event, Json
from living_personas.domain.value import value

__all__ = ["EVENT_SCHEMA", "EXPOSURE_SCHEMA", "FROM_BROWSER", "NOTHING_NEW", "UNVOUCHED_MARKS", "EventBatch", "written"]

_TIME = pa.timestamp("us", tz="UTC")

EVENT_SCHEMA = pa.schema(
    [
        pa.field("message_id", pa.string(), nullable=False),
        pa.field("customer", pa.string(), nullable=False),
        pa.field("also", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("time", _TIME, nullable=False),
        pa.field("day", pa.date32(), nullable=False),
        pa.field("hour", pa.int8(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("properties", pa.string(), nullable=False),
    ]
)
"""One row an event. ``day`` and ``hour`` are local to the workspace's time zone; ``properties`` is a JSON object."""

EXPOSURE_SCHEMA = pa.schema(
    [
        pa.field("message_id", pa.string(), nullable=False),
        pa.field("customer", pa.string(), nullable=False),
        pa.field("time", _TIME, nullable=False),
        pa.field("day", pa.date32(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("persona", pa.string(), nullable=False),
        pa.field("attribute", pa.string(), nullable=False),
        pa.field("option", pa.string(), nullable=False),
        pa.field("policy", pa.string(), nullable=False),
        pa.field("epoch", pa.string(), nullable=False),
        pa.field("stratum", pa.string(), nullable=False),
        pa.field("propensity", pa.float64()),
        pa.field("decision_id", pa.string(), nullable=False),
        pa.field("holdout", pa.bool_(), nullable=False),
    ]
)
"""One row for each attribute that an exposure event carries."""

FROM_BROWSER = f'"{SENT_FROM}": "{BROWSER}"'
"""What stands in ``properties`` of an event that a browser sent, and of no other: in a text its quotes are escaped."""

UNVOUCHED_MARKS = (FROM_BROWSER, f'"{SENT_FROM}": "{AGENT}"')
"""What stands in ``properties`` of events that count by a goal's ``from_browsers``: of browsers, and of agents."""


@value
class EventBatch:
    """Some events in columns: ``events`` (``EVENT_SCHEMA``) and what they exposed (``EXPOSURE_SCHEMA``)."""

    events: pa.Table
    exposures: pa.Table

    @classmethod
    def of(cls, events: Iterable[Event], *, zone: ZoneInfo) -> EventBatch:
        """The same events in columns; days and hours are those of ``zone``.

        Of events with the same message id only the first brings its exposures: only the first is ever stored.
        """
        rows: list[tuple[object, ...]] = []
        exposed: list[tuple[object, ...]] = []
        met: set[str] = set()
        for event in events:
            local = event.time.astimezone(zone)
            rows.append(_event_row(event, day=local.date(), hour=local.hour))
            if event.exposures and event.message_id not in met:
                exposed.extend(_exposure_rows(event, day=local.date()))
            met.add(event.message_id)
        return cls(events=_table(rows, EVENT_SCHEMA), exposures=_table(exposed, EXPOSURE_SCHEMA))

    def only(self, kept: pa.Array | pa.ChunkedArray) -> EventBatch:
        """The events for which ``kept`` is true, with what they exposed."""
        events = self.events.filter(kept)
        ids = events["message_id"].combine_chunks()
        met = self.exposures.filter(pc.is_in(self.exposures["message_id"], value_set=ids))
        return EventBatch(events=events, exposures=met)

    def __len__(self) -> int:
        return int(self.events.num_rows)

    def __bool__(self) -> bool:
        return bool(self.events.num_rows or self.exposures.num_rows)


NOTHING_NEW = EventBatch(
    events=pa.Table.from_batches([], EVENT_SCHEMA), exposures=pa.Table.from_batches([], EXPOSURE_SCHEMA)
)

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False).encode  # `dumps` makes one each time


def written(found: Json | Mapping[str, Json]) -> str:
    """JSON as ``properties`` are written.

    >>> written({"b": "ü", "a": 1.0})
    '{"a": 1.0, "b": "ü"}'
    """
    return _encode(found)


def _event_row(event: Event, *, day: object, hour: int) -> tuple[object, ...]:
    """In the order of ``EVENT_SCHEMA``."""
    properties = written(event.properties) if event.properties else "{}"
    who = (event.message_id, event.customer, event.also, event.name)
    return (*who, event.time, day, hour, event.channel, properties)


def _exposure_rows(event: Event, *, day: object) -> Iterator[tuple[object, ...]]:
    """In the order of ``EXPOSURE_SCHEMA``."""
    for each in event.exposures:
        yield (
            *(event.message_id, event.customer, event.time, day, event.channel),
            *(each.persona, each.attribute, each.option, each.policy, each.epoch, each.stratum),
            *(each.propensity, each.decision_id, each.holdout),
        )


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    """Rows as columns, which is half the work of a dictionary for each row."""
    columns = zip(*rows, strict=True) if rows else repeat((), len(schema))
    return pa.Table.from_arrays(
        [pa.array(values, field.type) for field, values in zip(schema, columns, strict=True)], schema=schema
    )
