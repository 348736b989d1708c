"""What waits is moved into the days it belongs to; days of ids that turn out to be one customer's are others, too."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.loop.context import Context
from living_personas.loop.relations import filtered, table_of
from living_personas.memory.records import CHANGED
from living_personas.memory.tables import EXPOSURES, LINKS
from living_personas.ports import Store

__all__ = ["DID", "MET", "seal_waiting"]

DID, MET = "did", "met"
"""The two ways in which a day changes: something was done, or something was met."""


def seal_waiting(context: Context) -> None:
    """Move what waits into the days it belongs to, and remember which of them changed.

    A day on which ids met something that turn out to be one customer's is another one, too.
    """
    store = context.store
    with store.commit():
        before = EXPOSURES.etags(store) if store.inbox.waiting() else {}
        did = store.inbox.seal()
        after = EXPOSURES.etags(store) if did else {}
        met = {day for day in did if after.get(day) != before.get(day)}
        found = {DID: set(did), MET: met | _days_relinked(store)}
        if any(found.values()):
            held = CHANGED.read(store) or {}
            CHANGED.write(store, {kind: sorted(days.union(held.get(kind, ()))) for kind, days in found.items()})


def _days_relinked(store: Store) -> set[date]:
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
