"""The events of some customers, under whichever of their ids they came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.raw import flat
from living_personas.loop.context import Context
from living_personas.loop.relations import filtered
from living_personas.memory.tables import EVENTS

__all__ = ["events_of", "linked"]


def events_of(context: Context, customers: pa.Array, first: date, last: date, *, columns: Sequence[str]) -> pa.Table:
    """The events of the days ``first`` to ``last`` in some columns; ``customer`` is whom we know the sender as."""
    links = context.store.inbox.links()
    wanted = customers.cast(pa.string())
    also = links.filter(pc.is_in(links["customer"], value_set=wanted))["id"].combine_chunks()
    sent_by = pc.field("customer").isin(pa.concat_arrays([wanted, also.cast(pa.string())]))
    found = filtered(EVENTS.read(context.store, first, last), sent_by, EVENTS.schema, columns=["customer", *columns])
    known = found.set_column(found.schema.get_field_index("customer"), "customer", linked(found["customer"], links))
    return known.filter(pc.is_in(known["customer"], value_set=wanted))


def linked(ids: pa.Array | pa.ChunkedArray, links: pa.Table) -> pa.Array:
    """Whose ids these are."""
    plain = flat(ids)
    at = pc.index_in(plain, value_set=links["id"].combine_chunks())
    return pc.coalesce(links["customer"].combine_chunks().take(at), plain)
