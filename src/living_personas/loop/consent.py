"""Who said no: to being decided for, and to being learned from. One index answers for every door, at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.consent import LEAVING, consent_names
from living_personas.domain.contact import CONSENT
from living_personas.domain.event import IDENTIFY
from living_personas.domain.settings import Settings
from living_personas.loop.context import Context
from living_personas.loop.relations import filtered
from living_personas.loop.said import consents_in
from living_personas.loop.seal import seal_waiting
from living_personas.memory.records import CONSENTS_READ
from living_personas.memory.tables import EVENTS
from living_personas.ports import Store

__all__ = ["agreeing", "consenting", "named_consent", "note_consents", "read_consents", "refused_names", "refusing"]


def named_consent(settings: Settings) -> tuple[str, ...]:
    """The traits that speak for every channel."""
    return settings.contact.consent if settings.contact else CONSENT


def note_consents(context: Context, events: pa.Table) -> None:
    """Keep what new events say of consents; inside the transaction that records them.

    Also of those that another process named, which has read the workspace's file since this one did.
    """
    named = {*named_consent(context.settings), *(CONSENTS_READ.read(context.store) or [])}
    context.store.consents.add(consents_in(events, named=tuple(sorted(named))))


def read_consents(context: Context) -> None:
    """Read what was said before anybody kept it: once in a workspace's life, and when it names another trait."""
    named = [*sorted(named_consent(context.settings)), *LEAVING]
    known = CONSENTS_READ.read(context.store) or []
    if set(named) <= set(known):
        return
    with context.store.commit():
        seal_waiting(context)
        days = EVENTS.days(context.store)
        said = pc.field("name").isin(pa.array([IDENTIFY, *LEAVING], pa.string()))
        for number, day in enumerate(days):
            context.progress(number, len(days), "consents")
            note_consents(context, filtered(EVENTS.read(context.store, day, day), said, EVENTS.schema))
        CONSENTS_READ.write(context.store, sorted({*known, *named}))


def refused_names(store: Store, ids: Collection[str]) -> frozenset[str]:
    """The consents on which the last word of one customer, under any of its ids, is a no."""
    rows = sorted(store.consents.last(ids).to_pylist(), key=lambda row: (row["time"], row["message_id"]))
    last = {row["name"]: row["refuses"] for row in rows}
    return frozenset(name for name, refuses in last.items() if refuses)


def refusing(context: Context, channel: str, *, before: date | None = None) -> pa.Array:
    """The customers whose last word on a consent that speaks for a channel is a no; all that was said ``before``."""
    last = _last_of_customers(context.store, context.store.consents.last(refuses=True, before=before), before)
    names = pa.array(sorted(consent_names(channel, named=named_consent(context.settings))), pa.string())
    return last.filter(pc.and_(last["refuses"], pc.is_in(last["name"], value_set=names)))["customer"].unique()


def agreeing(context: Context, name: str) -> pa.Array:
    """The customers whose last word on one consent is a yes."""
    last = _last_of_customers(context.store, context.store.consents.last(name=name, refuses=False), None)
    agreed = pc.and_(pc.invert(last["refuses"]), pc.equal(last["name"], name))
    return last.filter(agreed)["customer"].unique()


def consenting(context: Context, units: pa.Table, day: date) -> pa.Table:
    """The units of a day whose customers had not said no when they met something: from the others nothing is learned.

    What a customer says because of what it met, such as that it leaves, is an outcome of that and takes nothing back.
    """
    if not units.num_rows:
        return units
    store, end, links = context.store, day + timedelta(days=1), context.store.inbox.links()
    noes = pa.concat_tables([store.consents.last(refuses=True, before=each) for each in (day, end)])["customer"]
    doubted = _canonical(links, noes).unique()
    places = np.flatnonzero(pc.is_in(units["customer"], value_set=doubted).to_numpy())
    if not len(places):
        return units
    ids = {*_texts(doubted), *_texts(links.filter(pc.is_in(links["customer"], value_set=doubted))["id"])}
    before, by_end = (_words(links, store.consents.last(ids, before=each)) for each in (day, end))
    named = named_consent(context.settings)
    rows = units.select(["customer", "channel", "time"]).take(pa.array(places)).to_pylist()
    refused = np.zeros(units.num_rows, bool)
    for place, row in zip(places, rows, strict=True):
        for name in consent_names(row["channel"], named=named):
            time, _, refuses = by_end.get((row["customer"], name), _SILENT)
            said = refuses if time < row["time"] else before.get((row["customer"], name), _SILENT)[2]
            refused[place] |= said
    return units.filter(pa.array(~refused))


_SILENT = (datetime.max.replace(tzinfo=UTC), "", False)


def _words(links: pa.Table, last: pa.Table) -> dict[tuple[str, str], tuple[datetime, str, bool]]:
    """The last word of each customer on each consent: its moment, message id, and whether it is a no."""
    found: dict[tuple[str, str], tuple[datetime, str, bool]] = {}
    customers = _texts(_canonical(links, last["customer"]))
    for customer, row in zip(customers, last.to_pylist(), strict=True):
        key, word = (customer, row["name"]), (row["time"], row["message_id"], row["refuses"])
        found[key] = max(word, found.get(key, word))
    return found


def _last_of_customers(store: Store, said: pa.Table, before: date | None) -> pa.Table:
    """The last words of whole customers, for last words of single ids: what another of their ids said later counts."""
    if not said.num_rows:
        return said
    links = store.inbox.links()
    mine = _canonical(links, said["customer"])
    others = links.filter(pc.is_in(links["customer"], value_set=mine.unique()))
    if not others.num_rows:
        return said
    ids = {*_texts(others["id"]), *_texts(others["customer"])}
    alone = said.filter(pc.invert(pc.is_in(said["customer"], value_set=pa.array(sorted(ids), pa.string()))))
    together = store.consents.last(ids, before=before)
    together = together.set_column(0, "customer", _canonical(links, together["customer"])).sort_by(
        [("time", "ascending"), ("message_id", "ascending")]
    )
    last = together.group_by(["customer", "name"], use_threads=False).aggregate(
        [(name, "last") for name in ("day", "time", "message_id", "refuses")]
    )
    return pa.concat_tables([alone, last.rename_columns(alone.column_names).cast(alone.schema)])


def _canonical(links: pa.Table, ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """The customer that each id is."""
    found = links["customer"].take(pc.index_in(ids, value_set=links["id"].combine_chunks()))
    return pc.coalesce(found, ids)


def _texts(column: pa.ChunkedArray) -> Iterable[str]:
    texts: list[str] = column.to_pylist()
    return texts
