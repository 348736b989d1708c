"""Two ids turn out to be one customer: history follows, so the days that either was seen on are folded again."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from living_personas.domain.persona import EVER
from living_personas.steps.parts import Parts
from living_personas.steps.tables import table_of

__all__ = ["first_day_relinked"]

LINKS = "links"
"""The kind of partition that holds the links as they were when days were last folded."""

_SCHEMA = pa.schema([("id", pa.string()), ("customer", pa.string())])


def first_day_relinked(parts: Parts) -> date | None:
    """The first day with events of an id that belongs to another customer than it did; remembers what it saw."""
    now = parts.store.inbox.links().select(_SCHEMA.names).cast(_SCHEMA)
    before = table_of(parts.store.partitions.read(LINKS, EVER, EVER), _SCHEMA)
    changed = _differences(now, before)
    if not changed:
        return None
    parts.store.partitions.replace(LINKS, {EVER: now})
    return _first_day_of(parts, changed)


def _differences(now: pa.Table, before: pa.Table) -> list[str]:
    """Ids, and the customers they were or are, wherever a link came, went or changed."""
    if now.num_rows == before.num_rows == 0:
        return []
    sides = ("id", "customer")
    gone = before.join(now, keys=list(sides), join_type="left anti")
    come = now.join(before, keys=list(sides), join_type="left anti")
    return sorted({name for table in (gone, come) for side in sides for name in table[side].to_pylist()})


def _first_day_of(parts: Parts, ids: list[str]) -> date | None:
    days = parts.store.partitions.days("events")
    if not days:
        return None
    relation = parts.store.partitions.read("events", days[0], days[-1])
    events = ds.dataset(list(relation) if isinstance(relation, tuple) else relation)
    seen = events.to_table(columns=["day"], filter=pc.field("customer").isin(pa.array(ids)))
    first: date | None = pc.min(seen["day"]).as_py()
    return first
