"""Whichever of its ids a customer was met under, its rows are its own."""

from __future__ import annotations

import ibis
from ibis.expr import types as ir

__all__ = ["linked"]


def linked(rows: ir.Table, links: ir.Table | None) -> ir.Table:
    """The same rows with ``customer`` replaced by whom ``links`` (``id``, ``customer``) says it is.

    None means that there are no links, which spares the join.
    """
    if links is None:
        return rows
    known = links.select(linked_id=links["id"], linked_customer=links["customer"])
    joined = rows.left_join(known, rows["customer"] == known["linked_id"])
    return joined.mutate(customer=ibis.coalesce(joined["linked_customer"], joined["customer"])).select(*rows.columns)
