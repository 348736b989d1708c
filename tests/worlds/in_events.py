"""Customers of a frame, as the events that tell of them: what a search finds in a workspace, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.discovery.columns import Amount, needs
from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.event import IDENTIFY
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.settings import Feature
from living_personas.ports import Store
from living_personas.stats.arrays import Bools
from worlds.customers import COLUMNS

LAST = date(2026, 5, 4)
DAYS = 28

_NAMES = tuple(dict.fromkeys(name for column in COLUMNS for name in needs(column)))
_AMOUNTS = {column.name for column in COLUMNS if isinstance(column, Amount)}

FEATURES = tuple(
    Feature(name=name, sql=f"{'max' if name in _AMOUNTS else 'sum'}(n) filter (where name = '{name}')")
    for name in _NAMES
)


def personas_of(frame: pa.Table) -> tuple[Persona, ...]:
    """The personas that customers of a frame are filed under: each said so of itself."""
    names = sorted({*frame["persona"].drop_null().to_pylist()} - {"unmatched"})
    return tuple(
        Persona(
            id=name,
            name=name,
            who=f"kind = '{name}'",
            priority=place,
            goal=Goal(event="Bought", within=timedelta(days=1)),
            attributes=(Attribute(name="framing", options=("a", "b"), believed="a", assign="day"),),
        )
        for place, name in enumerate(names)
    )


def live(store: Store, frame: pa.Table) -> int:
    """Write the days until ``LAST`` into a store; how many events these are: one for each number of each customer."""
    days: list[list[pa.Table]] = [[] for _ in range(DAYS)]
    kinds = pc.fill_null(frame["persona"], "unmatched")
    said = pc.binary_join_element_wise('{"kind": "', kinds, '"}', "")
    days[0].append(_rows(frame["customer"], said, IDENTIFY))
    for name in _NAMES:
        numbers = frame[name].to_numpy()
        told = pc.binary_join_element_wise('{"n": ', frame[name].cast(pa.string()), "}", "")
        _spread(days, frame, name, told, numbers > 0 if name in _AMOUNTS else numbers >= 0)
    written = 0
    for number, parts in enumerate(days):
        day = LAST - timedelta(days=DAYS - 1 - number)
        table = _table(parts, day)
        store.partitions.replace("events", {day: table})
        written += table.num_rows
        parts.clear()
    return written


def _spread(
    days: Sequence[list[pa.Table]], frame: pa.Table, name: str, properties: pa.ChunkedArray, there: Bools
) -> None:
    """The events of a kind, on days of which each customer has its own."""
    on = (np.arange(frame.num_rows) * 7 + len(name)) % DAYS
    for day, parts in enumerate(days):
        rows = pa.array(np.flatnonzero((on == day) & there))
        parts.append(_rows(frame["customer"].take(rows), properties.take(rows), name))


def _rows(customers: pa.ChunkedArray, properties: pa.ChunkedArray, name: str) -> pa.Table:
    return pa.table({"customer": customers, "properties": properties, "name": pa.repeat(name, len(customers))})


def _table(parts: Sequence[pa.Table], day: date) -> pa.Table:
    rows = pa.concat_tables(parts).combine_chunks()
    n, noon = rows.num_rows, datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    empty = pa.array([""] * n, pa.string())
    columns = {
        "message_id": pc.binary_join_element_wise(rows["customer"], rows["name"], "/"),
        "customer": rows["customer"],
        "also": empty,
        "name": rows["name"],
        "time": pa.array([noon] * n, EVENT_SCHEMA.field("time").type),
        "day": pa.array([day] * n, pa.date32()),
        "hour": pa.array(np.full(n, 12, dtype=np.int8)),
        "channel": empty,
        "properties": rows["properties"],
    }
    return pa.table({name: columns[name] for name in EVENT_SCHEMA.names}).cast(EVENT_SCHEMA)
