"""Every table that holds customers, those of families among them; and every id of anybody."""

from __future__ import annotations

from collections.abc import Iterator

from living_personas.domain.forgotten import values_of
from living_personas.loop.known.holdout_entries import BY_GOALS
from living_personas.loop.known.totals import SPAN_FILES
from living_personas.loop.relations import filtered
from living_personas.memory.records import SEGMENTS
from living_personas.memory.reference import declared_tables
from living_personas.memory.table import Table, TableFamily
from living_personas.memory.tables import ENTRIES, ENTRY_LINKS, SEGMENT_LEAVERS, SEGMENT_MEMBERS, TOTALS
from living_personas.ports import Store

__all__ = ["customer_tables", "every_id"]


def customer_tables(store: Store) -> Iterator[Table]:
    """Every table that holds customers, in the order of their declaration."""
    names = {
        TOTALS.prefix: SPAN_FILES,
        SEGMENT_MEMBERS.prefix: SEGMENTS.names(store),
        SEGMENT_LEAVERS.prefix: SEGMENTS.names(store),
        ENTRIES.prefix: BY_GOALS,
        ENTRY_LINKS.prefix: BY_GOALS,
    }
    for each in declared_tables():
        if isinstance(each, TableFamily):
            yield from (each.of(str(name)) for name in names[each.prefix])
        elif each.customers:
            yield each


def every_id(store: Store) -> frozenset[str]:
    """Every id that the workspace knows, once what waited is sealed."""
    found = {id_ for row in store.quarantine.rows() for id_ in values_of(row)}
    found.update(store.consents.last()["customer"].to_pylist())
    links = store.inbox.links()
    found.update(links["id"].to_pylist(), links["customer"].to_pylist())
    for table in customer_tables(store):
        for day in table.days(store):
            rows = filtered(table.read(store, day, day), columns=table.customers)
            found.update(id_ for name in rows.column_names for id_ in rows[name].unique().to_pylist())
    return frozenset(found - {"", None})
