"""Who is who at the end of a cycle: customers, their features, and the persona of each."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from hashlib import sha256

import pyarrow as pa

from living_personas.loop.context import Context
from living_personas.loop.event_days.retired import events_seen
from living_personas.loop.folding.fold import customers_before, used_columns
from living_personas.loop.known.ignoring import told_apart
from living_personas.loop.relations import as_bytes, filtered
from living_personas.memory.records import CUSTOMERS_OF, SIZES
from living_personas.memory.tables import CUSTOMERS, MEMBERSHIPS
from living_personas.ports import Relation, Store

__all__ = ["keep_customers", "member_counts", "renew_customers", "sizes"]

SIZES_KEPT = 120


def keep_customers(context: Context, day: date) -> Relation:
    """Keep what is known of every customer at the end of ``day``, with the persona of each; only the newest is kept."""
    with context.engine.keeping() as (engine, kept):
        customers = customers_before(context, day + timedelta(days=1), asked=kept)
        members = kept.members(customers, personas=told_apart(context))
        told = kept.with_members(customers, members=members)
        CUSTOMERS.keep(context.store, day, engine.written(told, by=CUSTOMERS.key))
        since = kept.memberships(day, members=members, before=MEMBERSHIPS.all(context.store))
        MEMBERSHIPS.put(context.store, engine.written(since, MEMBERSHIPS.schema, by=MEMBERSHIPS.key))
        counted = {row["persona"]: row["n"] for row in engine.counts(members, by=("persona",)).to_pylist()}
    SIZES.write(context.store, dict(sorted({**sizes(context.store), day: counted}.items())[-SIZES_KEPT:]))
    CUSTOMERS_OF.write(context.store, _made_of(context, day))
    return CUSTOMERS.newest(context.store)


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
