"""Two ids turn out to be one customer: the days on which either met something are folded again."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.loop.relations import filtered, table_of
from living_personas.memory.tables import EXPOSURES, LINKS
from living_personas.ports import Store

__all__ = ["days_relinked"]


def days_relinked(store: Store) -> set[date]:
    """The days with exposures of an id that belongs to another customer than it did; remembers what it saw."""
    now = store.inbox.links().select(["id", "customer"]).cast(LINKS.schema)
    before = table_of(LINKS.all(store), LINKS.schema)
    changed = _differences(now, before)
    if not changed:
        return set()
    LINKS.put(store, now)
    theirs = pc.field("customer").isin(pa.array(changed))
    return set(filtered(EXPOSURES.all(store), theirs, EXPOSURES.schema, columns=["day"])["day"].to_pylist())


def _differences(now: pa.Table, before: pa.Table) -> list[str]:
    """Ids, and the customers they were or are, wherever a link came, went or changed."""
    if now.num_rows == before.num_rows == 0:
        return []
    sides = ("id", "customer")
    gone = before.join(now, keys=list(sides), join_type="left anti")
    come = now.join(before, keys=list(sides), join_type="left anti")
    return sorted({name: None for table in (gone, come) for side in sides for name in table[side].to_pylist()})
