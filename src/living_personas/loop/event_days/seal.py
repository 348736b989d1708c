"""What waits is moved into the days it belongs to."""

from __future__ import annotations

from living_personas.loop.context import Context
from living_personas.loop.event_days.merged_customers import days_relinked
from living_personas.memory.records import CHANGED
from living_personas.memory.tables import EXPOSURES

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
        found = {DID: set(did), MET: met | days_relinked(store)}
        if any(found.values()):
            held = CHANGED.read(store) or {}
            CHANGED.write(store, {kind: sorted(days.union(held.get(kind, ()))) for kind, days in found.items()})
