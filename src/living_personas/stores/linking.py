"""Which ids are one customer: groups of linked ids, each named by its earliest link."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["LINK_SCHEMA", "Link", "linked", "links_of"]

Link: TypeAlias = tuple[int, str, str, str]
"""One link: time in microseconds, message id, the customer it names, the id that is the same customer."""

LINK_SCHEMA = pa.schema(
    [pa.field("id", pa.string(), nullable=False), pa.field("customer", pa.string(), nullable=False)]
)


def links_of(events: pa.Table) -> list[Link]:
    """The links that some events (``EVENT_SCHEMA``) make."""
    linking = events.filter(pc.and_(pc.not_equal(events["also"], ""), pc.not_equal(events["also"], events["customer"])))
    times = linking["time"].cast(pa.int64())
    columns = (times, linking["message_id"], linking["customer"], linking["also"])
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


def linked(links: Iterable[Link]) -> pa.Table:
    """Every id whose customer is another id, in order of id.

    The answer depends on the set of links alone, not on their order.

    >>> linked([(2, "m2", "ann", "phone"), (1, "m1", "bob", "ann")]).to_pylist()
    [{'id': 'ann', 'customer': 'bob'}, {'id': 'phone', 'customer': 'bob'}]
    """
    parent: dict[str, str] = {}
    # In order of (time, message id), the root that is older in this order keeps the group: its name is the customer.
    rank: dict[str, int] = {}
    for _, _, customer, also in sorted(links):
        for id_ in (customer, also):
            if id_ not in parent:
                parent[id_], rank[id_] = id_, len(rank)
        older, newer = sorted((_root(parent, customer), _root(parent, also)), key=rank.__getitem__)
        parent[newer] = older
    pairs = [(id_, root) for id_ in sorted(parent) if (root := _root(parent, id_)) != id_]
    return pa.table({"id": [id_ for id_, _ in pairs], "customer": [root for _, root in pairs]}, schema=LINK_SCHEMA)


def _root(parent: dict[str, str], id_: str) -> str:
    while parent[id_] != id_:
        parent[id_] = parent[parent[id_]]
        id_ = parent[id_]
    return id_
