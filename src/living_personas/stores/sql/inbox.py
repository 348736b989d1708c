"""The inbox: a message id is a key until it is forgotten, an event is a row until it is sealed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime
from hashlib import blake2b
from itertools import compress

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA, NOTHING_NEW, EventBatch
from living_personas.domain.customer_id import canonical_id
from living_personas.domain.forgotten_ids import ForgottenIds
from living_personas.domain.link import Link
from living_personas.stores.batches import checked, restricted
from living_personas.stores.linking import linked, links_of
from living_personas.stores.server_names import browser_ids, names_in
from living_personas.stores.sql.arrow_rows import arrow_table
from living_personas.stores.sql.database import Database, MessageIndex
from living_personas.stores.sql.message_key import month_of
from living_personas.stores.sql.micros import to_micros
from living_personas.stores.sql.sealing import Sealing

__all__ = ["SqlInbox", "id_hash"]


class SqlInbox:
    """Events, each recorded once."""

    def __init__(self, connection: Database, sealing: Sealing, *, keys: MessageIndex) -> None:
        self._connection = connection
        self._keys = keys
        self._sealing = sealing

    def record(self, batch: EventBatch, *, received: datetime) -> tuple[bool, ...]:
        """Record what is new, keys and rows in one transaction; days that come in bulk go to files at once."""
        batch = checked(batch)
        with self._connection.transaction():
            stored, first = self._keys.record(batch.events["message_id"], month_of(received))
            if stored.any():
                kept = restricted(batch, stored)
                if not self._sealing.file(kept, first=first):
                    self._keep(kept, first=first, received=received)
                self._connection.run_many(_LINK, links_of(kept.events))
                self._name(kept.events)
        return tuple(stored.tolist())

    def seal(self) -> tuple[date, ...]:
        """Move what is waiting into Parquet files."""
        return self._sealing.seal()

    def waiting(self) -> int:
        """How many events are recorded and not yet sealed."""
        return self._sealing.waiting()

    def recorded(self) -> int:
        """The last sequence number: every event has one, also those of a batch that went to files."""
        row = self._connection.row(_RECORDED)
        return int(row[0]) if row else 0

    def sealed(self) -> int:
        """How many sequence numbers there are before the first that waits."""
        [(first,)] = self._connection.rows(_FIRST_WAITING)
        return self.recorded() if first is None else int(first) - 1

    def news(
        self, after: int, *, names: Collection[str] = (), channels: Collection[str] = ()
    ) -> tuple[EventBatch, int] | None:
        """What waits with a higher sequence number; None unless all of it still does."""
        with self._connection.moment():
            [(waiting, last)] = self._connection.rows(_WAITING, (after,))
            if waiting != last - after:
                return None
            events = self._connection.rows(_NEWS, (after, _list(names))) if waiting else []
            met = self._connection.rows(_MET, (after, _list(channels))) if waiting and channels else []
        if not events and not met:
            return NOTHING_NEW, last
        return EventBatch(events=arrow_table(events, EVENT_SCHEMA), exposures=arrow_table(met, EXPOSURE_SCHEMA)), last

    def links(self, ids: Collection[str] | None = None, *, before: datetime | None = None) -> pa.Table:
        """Which ids are one customer."""
        statement = _ALL_LINKS if ids is None else _LINKS_OF
        until = _NEVER if before is None else to_micros(before)
        rows = self._connection.rows(statement, (until,) if ids is None else (until, _list(ids)))
        return linked((Link(*row) for row in rows), ids)

    def links_made(self, ids: Collection[str]) -> tuple[Link, ...]:
        """What was said of these ids and of those linked to them."""
        return tuple(sorted(Link(*row) for row in self._connection.rows(_LINKS_OF, (_NEVER, _list(ids)))))

    def link(self, links: Iterable[Link]) -> None:
        """Keep links that no event makes."""
        with self._connection.transaction():
            self._connection.run_many(_LINK, list(links))

    def named(self, ids: Collection[str]) -> frozenset[str]:
        """Those of some ids that no browser alone named."""
        hashes = dict(zip(ids, map(id_hash, ids), strict=True))
        held = {found for (found,) in self._connection.rows(_NAMED, (json.dumps(sorted(set(hashes.values()))),))}
        return frozenset(id_ for id_, found in hashes.items() if found in held)

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Those of some message ids that were recorded before."""
        asked = sorted(set(ids))
        return frozenset(compress(asked, self._keys.hold(pa.chunked_array([asked], pa.string()))))

    def forget_ids(self, *, before: date, place: int = 0) -> ForgottenIds:
        """Forget some message ids that were recorded in the months before that of a day."""
        return self._keys.forget(before=month_of(before), place=place)

    def recall(self, events: pa.Table) -> None:
        """Take note of whom recorded events name, and which ids browsers used."""
        with self._connection.transaction():
            self._keys.note(browser_ids(events))
            self._name(events)

    def _name(self, events: pa.Table) -> None:
        self._connection.run_many(_NAME, [(json.dumps(sorted(map(id_hash, names_in(events)))),)])

    def _keep(self, batch: EventBatch, *, first: int, received: datetime) -> None:
        seqs = pa.array(np.arange(first, first + len(batch)))
        moments = pa.repeat(to_micros(received), len(batch))
        waits = batch.events.add_column(0, "seq", seqs).add_column(1, "received", moments)
        self._connection.insert_table("waiting", waits)
        if batch.exposures.num_rows:
            of = pc.index_in(batch.exposures["message_id"], value_set=batch.events["message_id"].combine_chunks())
            exposes = batch.exposures.add_column(0, "event", pc.add(of.cast(pa.int64()), first))
            self._connection.insert_table("waiting_exposure", exposes)


_RECORDED = "SELECT number FROM counted WHERE what = 'recorded'"
_LINK = """
INSERT INTO link (time, message_id, customer, also, kind) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (customer, also, kind) DO UPDATE SET time = excluded.time, message_id = excluded.message_id
WHERE (excluded.time, excluded.message_id) < (link.time, link.message_id)
"""
_NAME = """
INSERT INTO named (id) SELECT CAST(value AS BIGINT) FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING
"""
_NAMED = "SELECT id FROM named WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))"
_FIRST_WAITING = """
SELECT min(first) FROM (SELECT min(seq) AS first FROM waiting UNION SELECT min(first) FROM filed) AS of_each
"""

_WAITING = """
SELECT (SELECT count(*) FROM waiting WHERE seq > ?),
    coalesce((SELECT number FROM counted WHERE what = 'recorded'), 0)
"""
_NEWS = """
SELECT message_id, customer, also, name, time, day, hour, channel, properties FROM waiting
WHERE seq > ? AND (also <> '' OR name IN (SELECT value FROM json_each(?))
    OR (instr(customer, '@') AND customer GLOB '*[^!-@[-~]*')) ORDER BY seq
"""
_MET = """
SELECT message_id, customer, time, day, channel, persona, attribute, option, policy, epoch, stratum, propensity,
    decision_id, holdout
FROM waiting_exposure WHERE event > ? AND channel IN (SELECT value FROM json_each(?)) ORDER BY event
"""
_ALL_LINKS = "SELECT time, message_id, customer, also, kind FROM link WHERE time < ?1 OR kind = 'spelling'"
_LINKS_OF = """
WITH RECURSIVE same (id) AS (
    SELECT value FROM json_each(?2)
    UNION SELECT CASE WHEN link.customer = same.id THEN link.also ELSE link.customer END
    FROM same JOIN link ON link.customer = same.id OR link.also = same.id
    WHERE link.time < ?1 OR link.kind = 'spelling'
)
SELECT time, message_id, customer, also, kind FROM link WHERE customer IN (SELECT id FROM same)
    AND (time < ?1 OR kind = 'spelling')
"""
_NEVER = 2**63 - 1


def id_hash(id_: str) -> int:
    """What stands for an id among those that servers named: one of 2^64 numbers, the same for each spelling."""
    digest = blake2b(canonical_id(id_).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _list(texts: Collection[str]) -> str:
    """Texts as the database takes any number of them."""
    return json.dumps(sorted(texts))
