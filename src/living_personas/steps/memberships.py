"""Since when each customer is who it is: kept beside the stock, for those who copy it elsewhere."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.persona import EVER
from living_personas.steps.parts import Parts
from living_personas.steps.tables import table_of

__all__ = ["MEMBERSHIPS", "SINCE_SCHEMA", "keep_memberships", "memberships"]

MEMBERSHIPS = "memberships"
"""The kind of partition that holds since when customers belong to their personas."""

SINCE_SCHEMA = pa.schema([("customer", pa.string()), ("persona", pa.string()), ("since", pa.date32())])


def keep_memberships(parts: Parts, members: pa.Table, day: date) -> None:
    """Remember who became whom on ``day``; whoever is who it was keeps its day."""
    now = members.select(["customer", "persona"])
    before = memberships(parts).rename_columns(["customer", "was", "since"])
    places = pc.index_in(now["customer"], value_set=before["customer"].combine_chunks())
    same = pc.fill_null(pc.equal(before["was"].take(places), now["persona"]), False)  # noqa: FBT003 - Arrow's own form
    since = pc.if_else(same, before["since"].take(places), pa.scalar(day, pa.date32()))
    table = now.append_column("since", since).cast(SINCE_SCHEMA)
    parts.store.partitions.replace(MEMBERSHIPS, {EVER: table})


def memberships(parts: Parts) -> pa.Table:
    """``customer``, ``persona`` and the day ``since`` when it belongs to it."""
    return table_of(parts.store.partitions.read(MEMBERSHIPS, EVER, EVER), SINCE_SCHEMA).select(SINCE_SCHEMA.names)
