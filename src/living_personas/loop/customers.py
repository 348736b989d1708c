"""Who is who at the end of a cycle: customers, their features, and the persona of each."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from hashlib import sha256

import pyarrow as pa

from living_personas.loop.context import Context
from living_personas.loop.fold import customers_before, used_columns
from living_personas.loop.ignoring import told_apart
from living_personas.loop.memberships import keep_memberships
from living_personas.loop.relations import as_bytes, filtered
from living_personas.loop.retired import events_seen
from living_personas.memory.records import CUSTOMERS_OF, SIZES
from living_personas.memory.tables import CUSTOMERS
from living_personas.ports import Store

__all__ = ["keep_customers", "member_counts", "renew_customers", "sizes"]

SIZES_KEPT = 120


def keep_customers(context: Context, day: date) -> pa.Table:
    """Keep what is known of every customer at the end of ``day``, with the persona of each; only the newest is kept."""
    customers = customers_before(context, day + timedelta(days=1), asked=context.engine)
    members = context.engine.members(customers, personas=told_apart(context))
    table = customers.append_column("persona", members["persona"]).append_column("matches", members["matches"])
    counts = dict(sorted(_counted(table["persona"]).items()))
    CUSTOMERS.keep(context.store, day, table)
    keep_memberships(context.store, table, day)
    SIZES.write(context.store, dict(sorted({**sizes(context.store), day: counts}.items())[-SIZES_KEPT:]))
    CUSTOMERS_OF.write(context.store, _made_of(context, day))
    return table


def renew_customers(context: Context, day: date) -> bool:
    """Keep anew what is known at the end of ``day``, if files or data have changed since; whether they have."""
    if CUSTOMERS_OF.read(context.store) == _made_of(context, day):
        return False
    with context.store.commit():
        keep_customers(context, day)
    return True


def _made_of(context: Context, day: date) -> str:
    """A text that is another one whenever the customers of the end of ``day`` may be others."""
    rules = [(persona.id, persona.who, persona.priority) for persona in told_apart(context)]
    events = [(on, etag) for on, etag in events_seen(context.store).items() if on <= day]
    found = sha256(repr((day, used_columns(context), rules, events)).encode())
    found.update(as_bytes(context.store.inbox.links()))
    return found.hexdigest()


def member_counts(store: Store) -> Counter[str] | None:
    """How many customers each persona holds, ``unmatched`` among them; None before the first cycle."""
    day = CUSTOMERS.last_day(store)
    if day is None:
        return None
    counted = sizes(store).get(day)
    return (
        _counted(filtered(CUSTOMERS.newest(store), columns=["persona"])["persona"])
        if counted is None
        else Counter(counted)
    )


def sizes(store: Store) -> dict[date, dict[str, int]]:
    """How many customers each persona held, on the days on which the customer table was written."""
    return SIZES.read(store) or {}


def _counted(personas: pa.ChunkedArray) -> Counter[str]:
    return Counter({str(row["values"]): int(row["counts"]) for row in personas.value_counts().to_pylist()})
