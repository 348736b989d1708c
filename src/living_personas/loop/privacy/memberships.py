"""Since when each customer is who it is: kept beside the customers table, for those who copy it elsewhere."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.errors import ExportError
from living_personas.loop.relations import filtered
from living_personas.memory.tables import CUSTOMERS, MEMBERSHIPS
from living_personas.ports import Store

__all__ = ["check_known", "memberships"]


def check_known(store: Store) -> None:
    """Refuse to say who customers are before anybody knows.

    Raises
    ------
    ExportError
        If there was no cycle yet.
    """
    if CUSTOMERS.last_day(store) is None:
        raise ExportError(
            "No customers are known yet.",
            hint="record events of days that are over (`personas ingest`); `personas run` then closes these days.",
        )


def memberships(store: Store, persona: str = "") -> pa.Table:
    """``customer``, ``persona`` and the day ``since`` when it belongs to it; all, or those of one."""
    mine = pc.field("persona") == persona if persona else None
    return filtered(MEMBERSHIPS.all(store), mine, MEMBERSHIPS.schema)
