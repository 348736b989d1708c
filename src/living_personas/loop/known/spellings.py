"""One customer, however an id is spelled: what a workspace of before this rule must learn, and whom it moved."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.customer_ids import spelled
from living_personas.loop.context import Context
from living_personas.loop.relations import filtered
from living_personas.memory.records import SPELLINGS_CHANGED, SPELLINGS_JOINED
from living_personas.memory.tables import EVENTS, UNITS
from living_personas.ports import Relation, Store
from living_personas.stores.linking import links_of

__all__ = ["comparable_units", "join_spellings", "told_spellings"]


def join_spellings(context: Context) -> None:
    """Link what was recorded before to its canonical form, once in a workspace's life.

    Before it, an address was hashed as it was spelled: whoever is spelled in capitals may draw anew.
    """
    store = context.store
    if SPELLINGS_JOINED.read(store) is not None:
        return
    news = store.inbox.news(store.inbox.sealed())
    if news is None:  # some of what waits lies in files: it is read when it is sealed
        return
    with store.commit():
        waiting = news[0].events
        days = EVENTS.days(store)
        changed: set[str] = set()
        for number, day in enumerate(days):
            context.progress(number, len(days), "spellings")
            changed |= _joined(store, filtered(EVENTS.read(store, day, day), _ADDRESS, EVENTS.schema))
        changed |= _joined(store, waiting)
        last = max([*days[-1:], *waiting["day"].to_pylist()], default=None)
        SPELLINGS_JOINED.write(store, last + timedelta(days=1) if last else date.min)
        SPELLINGS_CHANGED.write(store, len(changed) or None)


def told_spellings(store: Store) -> int:
    """How many ids are hashed in another form than before; said once."""
    changed = SPELLINGS_CHANGED.read(store)
    if changed:
        SPELLINGS_CHANGED.write(store, None)
    return changed or 0


def comparable_units(store: Store, units: Relation) -> Relation:
    """The units without those of customers who may have changed sides of the holdout when spellings were joined."""
    since = SPELLINGS_JOINED.read(store)
    if since is None or since == date.min:
        return units
    before = filtered(units, pc.field("cohort") < since, UNITS.schema, columns=["customer"])["customer"].unique()
    links = store.inbox.links()
    moved = pa.concat_arrays([before.filter(spelled(before)), _linked_to_spelled(links, before)])
    return filtered(units, ~pc.field("customer").isin(moved), UNITS.schema) if len(moved) else units


def _linked_to_spelled(links: pa.Table, customers: pa.Array) -> pa.Array:
    """Those of some customers who have a spelled id beside the one that they are called by."""
    theirs = links.filter(pc.and_(spelled(links["id"]), pc.is_in(links["customer"], value_set=customers)))
    return theirs["customer"].unique()


def _joined(store: Store, events: pa.Table) -> set[str]:
    """Link the ids of some events to their canonical forms; which ids these were."""
    found = [link for link in links_of(events) if link.kind == "spelling"]
    store.inbox.link(found)
    return {link.customer for link in found}


_ADDRESS = pc.match_substring(pc.field("customer"), "@") | pc.match_substring(pc.field("also"), "@")
