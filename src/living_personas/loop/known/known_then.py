"""What was known of whoever met something, at that moment: by the day before, and by what came earlier on the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.event import UNLINK
from living_personas.domain.unit import LINKED_SCHEMA
from living_personas.loop.context import Context
from living_personas.loop.event_days.events_of import linked
from living_personas.loop.relations import filtered
from living_personas.memory.tables import EVENTS

__all__ = ["WithRows", "beginning", "linked_on"]


class WithRows(Protocol):
    """``Engine.with_rows`` of the customers of one moment."""

    def __call__(self, *, ids: pa.Table) -> pa.Table:
        """Those of some ids that have a row."""
        ...


_EVER, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)


def beginning(context: Context, day: date) -> datetime:
    """The moment at which a day begins."""
    return datetime.combine(day, time(), tzinfo=context.zone)


def linked_on(context: Context, day: date, *, links: pa.Table, with_rows: WithRows) -> pa.Table:
    """The ids that became another customer's on a day, moment by moment (``LINKED_SCHEMA``); all others have no row.

    Parameters
    ----------
    links, with_rows
        Who was who when the day began, and of whom something was known then.
    """
    moments = list(_moments(context, day, links))
    groups = [(at, group) for at, named in moments for group in _groups(context, named, at)]
    ids = pa.array(sorted({id_ for _, group in groups for id_ in group}), pa.string())
    before = dict(zip(ids.to_pylist(), linked(ids, links).to_pylist(), strict=True))
    rows = set(with_rows(ids=pa.table({"id": ids}))["id"].to_pylist()) if groups else set()
    now = {id_: (_EVER, whose, whose) for id_, whose in before.items()}
    found: list[tuple[str, datetime, datetime, str, str]] = []
    for at, group in groups:
        row = next((id_ for id_ in group if id_ in rows), group[0])
        for id_ in group:
            since, *known = now[id_]
            found.append((id_, since, at, known[0], known[1]))
            now[id_] = (at, group[0], row)
    found += [(id_, since, _NEVER, customer, row) for id_, (since, customer, row) in now.items()]
    spans = [dict(zip(LINKED_SCHEMA.names, span, strict=True)) for span in found]
    return pa.Table.from_pylist(spans, schema=LINKED_SCHEMA)


def _moments(context: Context, day: date, links: pa.Table) -> Iterator[tuple[datetime, Sequence[str]]]:
    """The moments of a day at which two ids may have become one customer, or two again; with these ids."""
    pairs = filtered(
        EVENTS.read(context.store, day, day),
        (pc.field("also") != "") & (pc.field("also") != pc.field("customer")),
        EVENTS.schema,
        columns=["customer", "also", "name", "time"],
    )
    apart = pc.not_equal(linked(pairs["customer"], links), linked(pairs["also"], links))
    news = pairs.filter(pc.or_(apart, pc.equal(pairs["name"], UNLINK))).group_by(["customer", "also", "name"])
    at: dict[datetime, set[str]] = {}
    for row in news.aggregate([("time", "min")]).to_pylist():
        at.setdefault(row["time_min"], set()).update((row["customer"], row["also"]))
    yield from ((time, sorted(ids)) for time, ids in sorted(at.items()))


def _groups(context: Context, ids: Sequence[str], at: datetime) -> Iterator[Sequence[str]]:
    """All ids of the customers whom these ids name just after a moment: first whom each is known as."""
    links = context.store.inbox.links(ids, before=at + _INSTANT)
    known = dict(zip(links["id"].to_pylist(), links["customer"].to_pylist(), strict=True))
    others: dict[str, list[str]] = {known.get(id_, id_): [] for id_ in ids}
    for id_, customer in known.items():
        others[customer].append(id_)
    yield from ((customer, *same) for customer, same in others.items())
