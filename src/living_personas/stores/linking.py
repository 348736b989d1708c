"""Which ids are one customer: groups of linked ids, each named by its earliest link."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import FROM_BROWSER
from living_personas.domain.customer_id import canonical_id
from living_personas.domain.customer_ids import spelled
from living_personas.domain.event import ALIAS, UNLINK
from living_personas.domain.link import Link, LinkKind

__all__ = ["LINK_SCHEMA", "HeldLinks", "linked", "links_of"]

LINK_SCHEMA = pa.schema(
    [pa.field("id", pa.string(), nullable=False), pa.field("customer", pa.string(), nullable=False)]
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SAID: dict[str, LinkKind] = {ALIAS: "alias", UNLINK: "apart"}


def links_of(events: pa.Table) -> list[Link]:
    """The links that some events (``EVENT_SCHEMA``) make: what they say, and the canonical forms of their ids."""
    two = pc.and_(pc.not_equal(events["also"], ""), pc.not_equal(events["also"], events["customer"]))
    return [*_said(events.filter(two)), *_spellings(events, "customer"), *_spellings(events, "also")]


def linked(links: Iterable[Link], ids: Collection[str] | None = None) -> pa.Table:
    """Every id whose customer is another id, in order of id; with ``ids``, those of the customers whom they name.

    A device belongs to whoever signed in on it first; two ids that were both named as known are one customer only if
    an alias says so. The answer depends on the set of links alone, not on their order.

    >>> linked([Link(2, "m2", "ann", "phone", "device"), Link(3, "m3", "bob", "phone", "device")]).to_pylist()
    [{'id': 'phone', 'customer': 'ann'}]
    >>> linked([Link(2, "m2", "ann", "phone"), Link(1, "m1", "bob", "ann")]).to_pylist()
    [{'id': 'ann', 'customer': 'bob'}, {'id': 'phone', 'customer': 'bob'}]
    """
    parent: dict[str, str] = {}
    # In order of (time, message id), the root that is older in this order keeps the group: its name is the customer.
    rank: dict[str, int] = {}
    for link in _joining(sorted(links, key=_order)):
        for id_ in (link.customer, link.also):
            if id_ not in parent:
                parent[id_], rank[id_] = id_, len(rank)
        older, newer = sorted((_root(parent, link.customer), _root(parent, link.also)), key=rank.__getitem__)
        parent[newer] = older
    pairs = [(id_, root) for id_ in sorted(parent) if (root := _root(parent, id_)) != id_]
    if ids is not None:
        asked = {_root(parent, id_) if id_ in parent else id_ for id_ in ids}
        pairs = [(id_, root) for id_, root in pairs if root in asked]
    return pa.table({"id": [id_ for id_, _ in pairs], "customer": [root for _, root in pairs]}, schema=LINK_SCHEMA)


class HeldLinks:
    """Links in memory; of one kind between two ids the earliest is kept."""

    def __init__(self) -> None:
        self._links: dict[tuple[str, ...], Link] = {}

    def add(self, links: Iterable[Link]) -> None:
        """Keep more links."""
        for link in links:
            self._links[link[2:]] = min(link, self._links.get(link[2:], link))

    def linked(self, ids: Collection[str] | None = None, *, before: datetime | None = None) -> pa.Table:
        """Who is who by all of them, or by those ``before`` a moment; how an id is spelled was always so."""
        links: Iterable[Link] = self._links.values()
        if before is not None:
            micros = (before - _EPOCH) // timedelta(microseconds=1)
            links = (link for link in links if link.time < micros or link.kind == "spelling")
        return linked(links, ids)

    def about(self, ids: Collection[str]) -> tuple[Link, ...]:
        """The links of these ids and of those that it links to them, in order."""
        same, found = set(ids), set[Link]()
        while more := {link for link in self._links.values() if not same.isdisjoint(link[2:4])} - found:
            found |= more
            same |= {id_ for link in more for id_ in link[2:4]}
        return tuple(sorted(found))

    def naming(self, ids: Collection[str]) -> int:
        """How many links name one of these ids."""
        return sum(not {link.customer, link.also}.isdisjoint(ids) for link in self._links.values())

    def forget(self, ids: Collection[str]) -> None:
        """Let go of them."""
        self._links = {key: link for key, link in self._links.items() if {link.customer, link.also}.isdisjoint(ids)}


def _said(events: pa.Table) -> Iterator[Link]:
    browsers = pc.match_substring(events["properties"], FROM_BROWSER)
    columns = (events["time"].cast(pa.int64()), *map(events.column, ("message_id", "customer", "also", "name")))
    rows = zip(*(column.to_pylist() for column in (*columns, browsers)), strict=True)
    for time, message_id, customer, also, name, browser in rows:
        yield Link(time, message_id, customer, also, "device" if browser else _SAID.get(name, "device"))


def _spellings(events: pa.Table, column: str) -> Iterator[Link]:
    if not pc.any(pc.match_substring(events[column], "@")).as_py():
        return
    first: dict[str, Link] = {}
    found = events.filter(spelled(events[column]))
    columns = (found["time"].cast(pa.int64()), found["message_id"], found[column])
    for time, message_id, id_ in zip(*(each.to_pylist() for each in columns), strict=True):
        link = Link(time, message_id, id_, canonical_id(id_), "spelling")
        first[id_] = min(link, first.get(id_, link))
    yield from first.values()


def _joining(links: list[Link]) -> Iterator[Link]:
    """The links, in order, that make two ids one."""
    known = {canonical_id(link.customer) for link in links if link.kind == "device"}
    apart = {_pair(link) for link in links if link.kind == "apart"}
    owner: dict[str, str] = {}
    for link in links:
        if link.kind == "apart" or (apart and link.kind != "spelling" and _pair(link) in apart):
            continue
        if link.kind == "device":
            customer, device = canonical_id(link.customer), canonical_id(link.also)
            if customer != device and (device in known or owner.setdefault(device, customer) != customer):
                continue
        yield link


def _order(link: Link) -> tuple[object, ...]:
    """By time and message; what a message says comes before how its ids are spelled."""
    return (link.time, link.message_id, link.kind == "spelling", link)


def _pair(link: Link) -> frozenset[str]:
    return frozenset((canonical_id(link.customer), canonical_id(link.also)))


def _root(parent: dict[str, str], id_: str) -> str:
    while parent[id_] != id_:
        parent[id_] = parent[parent[id_]]
        id_ = parent[id_]
    return id_
