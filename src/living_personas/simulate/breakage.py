"""The twelve ways in which tracking breaks, and outcomes that nobody had: batches in, broken batches out.

None of them knows anything of the world: they are pure functions, as a broken pipeline is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EVENT_SCHEMA, EventBatch
from living_personas.domain.event import EXPOSED
from living_personas.simulate.world_rows import stamped
from living_personas.stats.arrays import Bools, Ints

__all__ = [
    "all_null",
    "bot_burst",
    "channel_gone",
    "clock_jump",
    "delayed",
    "double",
    "forged",
    "frozen",
    "half",
    "renamed",
    "split_45_55",
    "times_100",
    "zero",
]


def zero(batch: EventBatch, *, event: str) -> EventBatch:
    """All events of a name are lost."""
    return _with_events(batch, batch.events.filter(pc.not_equal(batch.events["name"], event)))


def half(batch: EventBatch, *, event: str) -> EventBatch:
    """Every second event of a name is lost."""
    named = _mask(pc.equal(batch.events["name"], event))
    lost = named & (np.cumsum(named) % 2 == 1)
    return _with_events(batch, batch.events.filter(pa.array(~lost)))


def double(batch: EventBatch, *, event: str) -> EventBatch:
    """Each event of a name is sent twice, the second time under a message id of its own."""
    again = batch.events.filter(pc.equal(batch.events["name"], event))
    return _with_events(batch, pa.concat_tables([batch.events, _named_anew(again, "/again")]))


def delayed(batch: EventBatch, *, event: str, by: timedelta) -> EventBatch:
    """Events of a name are stamped so much later: with when they came in, not with when they happened."""
    return clock_jump(batch, event=event, by=by)


def channel_gone(batch: EventBatch, *, channel: str) -> EventBatch:
    """Everything on one channel is lost, its exposures too."""
    return EventBatch(
        events=batch.events.filter(pc.not_equal(batch.events["channel"], channel)),
        exposures=batch.exposures.filter(pc.not_equal(batch.exposures["channel"], channel)),
    )


def renamed(batch: EventBatch, *, event: str, to: str = "") -> EventBatch:
    """Events of a name come under another one; by default in snake case."""
    name = batch.events["name"]
    other = to or event.lower().replace(" ", "_")
    return _with_column(batch, "name", pc.if_else(pc.equal(name, event), other, name))


def all_null(batch: EventBatch, *, event: str) -> EventBatch:
    """Every property of the events of a name is null."""

    def emptied(properties: dict[str, object]) -> dict[str, object]:
        return dict.fromkeys(properties)

    return _with_properties(batch, event, emptied)


def times_100(batch: EventBatch, *, event: str) -> EventBatch:
    """Every number among the properties of the events of a name is a hundred times too large: cents for euros."""

    def inflated(properties: dict[str, object]) -> dict[str, object]:
        return {name: each * 100 if isinstance(each, int | float) else each for name, each in properties.items()}

    return _with_properties(batch, event, inflated)


def clock_jump(batch: EventBatch, *, event: str, by: timedelta) -> EventBatch:
    """The clock of whoever stamps the events of a name jumps, forwards or (``by`` negative) backwards."""
    jumped = _mask(pc.equal(batch.events["name"], event))
    time = _micros(batch.events) + jumped * (by // timedelta(microseconds=1))
    return _with_events(batch, _stamped_anew(batch.events, time))


def split_45_55(batch: EventBatch, *, attribute: str, option: str) -> EventBatch:
    """Two of eleven exposures of one option are lost: what was drawn half and half arrives as 45 to 55."""
    hit = _mask(pc.and_(pc.equal(batch.exposures["attribute"], attribute), pc.equal(batch.exposures["option"], option)))
    lost = hit & ((np.cumsum(hit) * 2) // 11 > ((np.cumsum(hit) - 1) * 2) // 11)
    return EventBatch(events=batch.events, exposures=batch.exposures.filter(pa.array(~lost)))


def frozen(batch: EventBatch, *, event: str, last: EventBatch) -> EventBatch:
    """Events of a name stop changing: those of the last good batch come again, as if they had happened today."""
    stale = last.events.filter(pc.equal(last.events["name"], event))
    if not len(batch) or not stale.num_rows:
        return zero(batch, event=event)
    days = int(_micros(batch.events).min() // _DAY - _micros(stale).min() // _DAY)
    again = _stamped_anew(_named_anew(stale, f"/frozen{days}"), _micros(stale) + days * _DAY)
    return _with_events(batch, pa.concat_tables([zero(batch, event=event).events, again]))


def bot_burst(batch: EventBatch, *, event: str, share: float = 0.05, sessions: int = 20) -> EventBatch:
    """Robots walk through a part of the exposures of the day's first option, and each leaves the outcome behind."""
    if not batch.exposures.num_rows:
        return batch
    first = pc.min(batch.exposures["option"])
    copied = batch.exposures.filter(pc.equal(batch.exposures["option"], first))
    copied = copied.filter(pa.array(_every(copied.num_rows, share)))
    robots = pc.binary_join_element_wise("robot", copied["customer"], "-")
    named = pc.binary_join_element_wise(copied["message_id"], copied["attribute"], "robot", "/")
    met = _set(_set(copied, "customer", robots), "message_id", named)
    walked = [_events_at(met, "Session Started", seconds=n, mark=f"/{n}") for n in range(1, sessions + 1)]
    bought = _events_at(met, event, seconds=sessions + 30, mark="/bought")
    return EventBatch(
        events=pa.concat_tables([batch.events, _events_at(met, EXPOSED, seconds=0), *walked, bought]),
        exposures=pa.concat_tables([batch.exposures, met]),
    )


def forged(
    batch: EventBatch, *, event: str, attribute: str, option: str, share: float, one_customer: bool = False
) -> EventBatch:
    """Outcomes that nobody had: a share of an option's exposures gets one, or its first customer gets them all."""
    hit = batch.exposures.filter(
        pc.and_(pc.equal(batch.exposures["attribute"], attribute), pc.equal(batch.exposures["option"], option))
    )
    chosen = hit.filter(pa.array(_every(hit.num_rows, share)))
    if one_customer and chosen.num_rows:
        chosen = _set(chosen, "customer", pa.repeat(chosen["customer"][0].as_py(), chosen.num_rows))
    mark = f"/{attribute}/forged"
    forgeries = _events_at(chosen, event, seconds=600, mark=mark, properties='{"revenue": 1.00}')
    return _with_events(batch, pa.concat_tables([batch.events, forgeries]))


_DAY = 86_400_000_000


def _every(size: int, share: float) -> Bools:
    """Which rows to take for a share of them, spread evenly."""
    place = np.arange(size)
    return np.asarray(np.floor((place + 1) * share + 0.5) > np.floor(place * share + 0.5))


def _mask(column: pa.ChunkedArray) -> Bools:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=bool) if len(column) else np.zeros(0, dtype=bool)


def _micros(table: pa.Table) -> Ints:
    return np.asarray(table["time"].cast(pa.int64()).to_numpy(), dtype=np.int64)


def _with_events(batch: EventBatch, events: pa.Table) -> EventBatch:
    return EventBatch(events=events, exposures=batch.exposures)


def _with_column(batch: EventBatch, name: str, column: pa.ChunkedArray) -> EventBatch:
    return _with_events(batch, _set(batch.events, name, column))


def _with_properties(
    batch: EventBatch, event: str, change: Callable[[dict[str, object]], Mapping[str, object]]
) -> EventBatch:
    names, texts = batch.events["name"].to_pylist(), batch.events["properties"].to_pylist()
    changed = [
        json.dumps(change(json.loads(text)), sort_keys=True) if name == event else text
        for name, text in zip(names, texts, strict=True)
    ]
    return _with_column(batch, "properties", pa.chunked_array([pa.array(changed, pa.string())]))


def _set(table: pa.Table, name: str, column: pa.Array | pa.ChunkedArray) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), column)


def _stamped_anew(events: pa.Table, time: Ints) -> pa.Table:
    for name, column in stamped(time).items():
        events = _set(events, name, column)
    return events


def _joined(ids: pa.ChunkedArray, mark: str) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(ids, mark, "")


def _named_anew(events: pa.Table, mark: str) -> pa.Table:
    return _set(events, "message_id", _joined(events["message_id"], mark))


def _events_at(exposures: pa.Table, event: str, *, seconds: int, mark: str = "", properties: str = "{}") -> pa.Table:
    """An event of a name so many seconds after each exposure."""
    size = exposures.num_rows
    columns = {
        "message_id": _joined(exposures["message_id"], mark),
        "customer": exposures["customer"],
        "also": pa.repeat("", size),
        "name": pa.repeat(event, size),
        **stamped(_micros(exposures) + seconds * 1_000_000),
        "channel": pa.repeat("web", size),
        "properties": pa.repeat(properties, size),
    }
    return pa.table({name: columns[name] for name in EVENT_SCHEMA.names}).cast(EVENT_SCHEMA)
