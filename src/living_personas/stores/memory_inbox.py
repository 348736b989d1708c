"""The inbox of a workspace in memory: message ids seen, events that wait, links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from itertools import compress

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA, EventBatch
from living_personas.domain.customer_id import canonical_id
from living_personas.domain.customer_ids import spelled
from living_personas.domain.forgotten_ids import ForgottenIds
from living_personas.domain.link import Link
from living_personas.ports import Holding
from living_personas.stores.batches import by_day, checked, first_of_each, restricted
from living_personas.stores.linking import HeldLinks, links_of
from living_personas.stores.row_erasure import Named
from living_personas.stores.server_names import browser_ids, names_in

__all__ = ["MemoryInbox"]


class MemoryInbox:
    """Message ids seen, batches waiting, links."""

    def __init__(self, add: Callable[[str, date, pa.Table], None]) -> None:
        self._add = add
        self._seen: dict[str, date] = {}
        self._waiting: list[EventBatch] = []
        self._recorded = self._sealed = 0
        self._links = HeldLinks()
        self._named: set[str] = set()

    def record(self, batch: EventBatch, *, received: datetime) -> tuple[bool, ...]:
        """Record what is new."""
        batch = checked(batch)
        ids = batch.events["message_id"].to_pylist()
        stored = first_of_each(ids, is_new=lambda id_: id_ not in self._seen)
        new = restricted(batch, np.array(stored, np.bool_))
        self._seen |= dict.fromkeys(compress(ids, stored), received.date().replace(day=1))
        self._waiting.append(new)
        self._recorded += len(new)
        self._links.add(links_of(new.events))
        self._named.update(names_in(new.events))
        return stored

    def seal(self) -> tuple[date, ...]:
        """Move what is waiting into the partitions."""
        days: set[date] = set()
        for kind in ("events", "exposures"):
            tables = [getattr(batch, kind) for batch in self._waiting]
            for day, table in by_day(pa.concat_tables(tables)) if tables else ():
                self._add(kind, day, table)
                days.add(day)
        self._waiting.clear()
        self._sealed = self._recorded
        return tuple(sorted(days))

    def waiting(self) -> int:
        """How many events are not yet sealed."""
        return sum(map(len, self._waiting))

    def recorded(self) -> int:
        """How many events were ever recorded."""
        return self._recorded

    def sealed(self) -> int:
        """How many of them are sealed."""
        return self._sealed

    def news(
        self, after: int, *, names: Collection[str] = (), channels: Collection[str] = ()
    ) -> tuple[EventBatch, int] | None:
        """What was recorded after so many events and waits."""
        if after < self._sealed or self.waiting() < self._recorded - self._sealed:
            return None
        skipped = after - self._sealed
        events = pa.concat_tables([EVENT_SCHEMA.empty_table(), *(each.events for each in self._waiting)])[skipped:]
        met = pa.concat_tables([EXPOSURE_SCHEMA.empty_table(), *(each.exposures for each in self._waiting)])
        called = pc.is_in(events["name"], value_set=pa.array(list(names), pa.string()))
        there = pc.and_(
            pc.is_in(met["message_id"], value_set=events["message_id"].combine_chunks()),
            pc.is_in(met["channel"], value_set=pa.array(list(channels), pa.string())),
        )
        linking = pc.or_(pc.not_equal(events["also"], ""), spelled(events["customer"]))
        kept = events.filter(pc.or_(linking, called))
        return EventBatch(events=kept, exposures=met.filter(there)), self._recorded

    def links(self, ids: Collection[str] | None = None, *, before: datetime | None = None) -> pa.Table:
        """Which ids are one customer."""
        return self._links.linked(ids, before=before)

    def links_made(self, ids: Collection[str]) -> tuple[Link, ...]:
        """What was said of these ids and of those linked to them."""
        return self._links.about(ids)

    def link(self, links: Iterable[Link]) -> None:
        """Keep links that no event makes."""
        self._links.add(links)

    def named(self, ids: Collection[str]) -> frozenset[str]:
        """Those of some ids that no browser alone named."""
        return frozenset(id_ for id_ in ids if canonical_id(id_) in self._named)

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Those of some message ids that were recorded before."""
        return frozenset(ids) & self._seen.keys()

    def forget_ids(self, *, before: date, place: int = 0) -> ForgottenIds:
        """Forget the message ids that were recorded in the months before that of a day."""
        old = [id_ for id_, month in self._seen.items() if month < before.replace(day=1)]
        for id_ in old:
            del self._seen[id_]
        return ForgottenIds(count=len(old), place=place + 1, of=place + 1)

    def recall(self, events: pa.Table) -> None:
        """Take note of whom recorded events name, and which ids browsers used."""
        self._named.update(names_in(events))
        self._seen |= dict.fromkeys(browser_ids(events).to_pylist(), date.max)

    def naming(self, named: Named) -> Counter[str]:
        """How many waiting events and links are about some ids."""
        events = sum(
            pc.sum(pc.is_in(each.events["customer"], value_set=named.column)).as_py() or 0 for each in self._waiting
        )
        return Counter({"waiting": events, "link": self._links.naming(named.ids)})

    def forget(self, named: Named) -> None:
        """Let go of them; their message ids stay seen."""
        self._waiting = [
            EventBatch(
                events=named.left(
                    each.events,
                    Holding(kind="", family=False, owners=("customer",), beside=("also",), texts=("properties",)),
                ),
                exposures=named.left(each.exposures, Holding(kind="", family=False, owners=("customer",))),
            )
            for each in self._waiting
        ]
        self._named.difference_update(canonical_id(each) for each in named.ids)
        self._links.forget(named.ids)
