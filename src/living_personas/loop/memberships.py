"""Since when each customer is who it is: kept beside the customers table, for those who copy it elsewhere."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.loop.relations import filtered
from living_personas.memory.tables import MEMBERSHIPS
from living_personas.ports import Store

__all__ = ["keep_memberships", "memberships"]


def keep_memberships(store: Store, members: pa.Table, day: date) -> None:
    """Remember who became whom on ``day``; whoever is who it was keeps its day."""
    now = members.select(["customer", "persona"])
    before = memberships(store).rename_columns(["customer", "was", "since"])
    places = pc.index_in(now["customer"], value_set=before["customer"].combine_chunks())
    same = pc.fill_null(pc.equal(before["was"].take(places), now["persona"]), False)  # noqa: FBT003 - Arrow's own form
    since = pc.if_else(same, before["since"].take(places), pa.scalar(day, pa.date32()))
    MEMBERSHIPS.put(store, now.append_column("since", since).cast(MEMBERSHIPS.schema))


def memberships(store: Store, persona: str = "") -> pa.Table:
    """``customer``, ``persona`` and the day ``since`` when it belongs to it; all, or those of one."""
    mine = pc.field("persona") == persona if persona else None
    return filtered(MEMBERSHIPS.all(store), mine, MEMBERSHIPS.schema)
