"""Who said no: to being decided for, and to being learned from. One index answers for every door, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.consent import LEAVING, consent_names, yes_names
from living_personas.domain.contact import CONSENT
from living_personas.domain.event import IDENTIFY
from living_personas.domain.settings import Settings
from living_personas.domain.stranger import browser_id
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.domain.value import value
from living_personas.domain.yes_no import is_unclear
from living_personas.engine_port import Engine, Rows
from living_personas.loop.context import Context
from living_personas.loop.event_days.events_of import linked
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.known.said import Word, consent_words, consents_in, consents_table
from living_personas.loop.privacy.known_ids import known_to_servers
from living_personas.loop.privacy.stranger_counts import count_strangers
from living_personas.loop.privacy.tombstones import erased_among
from living_personas.loop.privacy.withdrawing import note_noes
from living_personas.loop.relations import filtered
from living_personas.memory.records import CONSENTS_READ, UNCLEAR_CONSENTS
from living_personas.memory.tables import EVENTS, UNITS
from living_personas.ports import Store

__all__ = [
    "Consenting",
    "agreeing",
    "consenting",
    "named_consent",
    "note_consents",
    "read_consents",
    "refusing",
    "silent",
    "spoken",
]

_NO_UNITS = UNIT_SCHEMA.empty_table()
_WILLING_SCHEMA = pa.schema([("customer", pa.string()), ("channel", pa.string())])
_MOST = 200
"""More consents than this are noise: a client that puts ids into the names of traits."""


def named_consent(settings: Settings) -> tuple[str, ...]:
    """The traits that speak for every channel."""
    return settings.contact.consent if settings.contact else CONSENT


def note_consents(context: Context, events: pa.Table, *, received: datetime) -> None:
    """Keep what new events say of consents, and count what is unclear; inside the transaction that records them."""
    words, ungranted = _keep(context, events)
    count_strangers(context, {"yes": ungranted}, received=received)
    said = Counter(word.name for word in words if is_unclear(word.said))
    if said:
        before = Counter(UNCLEAR_CONSENTS.read(context.store) or {})
        UNCLEAR_CONSENTS.write(context.store, dict(sorted((before + said).items())[:_MOST]))


def _keep(context: Context, events: pa.Table) -> tuple[Sequence[Word], int]:
    """Keep what events say of consents; the words, and how many yeses of browsers grant nothing.

    Also of those that another process named, which has read the workspace's file since this one did.
    """
    named = {*named_consent(context.settings), *(CONSENTS_READ.read(context.store) or [])}
    words = tuple(consent_words(events, named=tuple(sorted(named))))
    said = consents_table(events, words)
    granted = _granted(context.store, said)
    note_noes(context, granted)
    context.store.consents.add(granted)
    return words, said.num_rows - granted.num_rows


def _granted(store: Store, said: pa.Table) -> pa.Table:
    """What was said of consents (``CONSENT_SCHEMA``), without the yeses of browsers for customers of servers.

    Whoever reads a page's source can say yes for anybody, so that a yes for a customer whom a server named is a
    server's to say.
    """
    yes = pc.and_(pc.invert(said["refuses"]), pc.starts_with(said["message_id"], browser_id("")))
    if not pc.any(yes).as_py():
        return said
    known = known_to_servers(store, said.filter(yes)["customer"].unique().to_pylist())
    void = pc.and_(yes, pc.is_in(said["customer"], value_set=pa.array(sorted(known), pa.string())))
    return said.filter(pc.invert(void))


def _last(
    store: Store,
    ids: Collection[str] | None = None,
    *,
    name: str | None = None,
    refuses: bool | None = None,
    before: date | None = None,
) -> pa.Table:
    """The last word of each id on each consent, as ``Consents.last`` says it, that grants something."""
    return _granted(store, store.consents.last(ids, name=name, refuses=refuses, before=before))


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
            _keep(context, filtered(EVENTS.read(context.store, day, day), said, EVENTS.schema))
        CONSENTS_READ.write(context.store, sorted({*known, *named}))


def spoken(context: Context, ids: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The consents on which the last word of one customer, under any of its ids, is a no, and those with a yes.

    The latter only where the workspace requires one: nobody else asks. Whoever was erased says no to everything.
    """
    if erased_among(context, ids):  # what it said is forgotten; that it is to be left alone is not
        return frozenset(named_consent(context.settings)), frozenset()
    rows = sorted(_last(context.store, ids).to_pylist(), key=lambda row: (row["time"], row["message_id"]))
    last = {row["name"]: row["refuses"] for row in rows}
    refused = frozenset(name for name, refuses in last.items() if refuses)
    return refused, frozenset(last) - refused if context.settings.consent == "required" else frozenset()


def refusing(context: Context, channel: str, *, before: date | None = None) -> pa.Array:
    """The customers whose last word on a consent that speaks for a channel is a no; all that was said ``before``."""
    last = _last_of_customers(context.store, context.store.consents.last(refuses=True, before=before), before)
    names = pa.array(sorted(consent_names(channel, named=named_consent(context.settings))), pa.string())
    return last.filter(pc.and_(last["refuses"], pc.is_in(last["name"], value_set=names)))["customer"].unique()


def agreeing(context: Context, names: Collection[str], *, before: date | None = None) -> pa.Array:
    """The customers whose last word on one of some consents is a yes; all that was said ``before``."""
    store = context.store
    said = pa.concat_tables([_last(store, name=each, refuses=False, before=before) for each in sorted(names)])
    last = _last_of_customers(store, said, before)
    agreed = pc.and_(pc.invert(last["refuses"]), pc.is_in(last["name"], value_set=pa.array(sorted(names), pa.string())))
    return last.filter(agreed)["customer"].unique()


def silent(context: Context, customers: pa.ChunkedArray, channel: str) -> pa.Array:
    """Those of some customers who said neither yes nor no on any consent that speaks for a channel."""
    yes = agreeing(context, yes_names(channel, named=named_consent(context.settings)))
    who = linked(customers, context.store.inbox.links()).unique()
    return who.filter(pc.invert(pc.is_in(who, value_set=pa.concat_arrays([yes, refusing(context, channel)]))))


@value
class Consenting:
    """Which units count: those that are not ``left_out`` (by key), of a ``customer`` and ``channel`` in ``willing``.

    ``willing`` is None where nobody has to say yes.
    """

    left_out: pa.Table
    willing: pa.Table | None


def consenting(context: Context, units: Rows, day: date, *, engine: Engine) -> Consenting:
    """The units of a day whose customers had not said no when they met something: from the others nothing is learned.

    What a customer says because of what it met, such as that it leaves, is an outcome of that and takes nothing back.
    Where consent is required, they had said yes by then.
    """
    store, end, links = context.store, day + timedelta(days=1), context.store.inbox.links()
    required = context.settings.consent == "required"
    noes = pa.concat_tables([store.consents.last(refuses=True, before=each) for each in (day, end)])
    told = [noes["customer"], *([_said_on(store, day)] if required else [])]
    doubted = pa.concat_arrays([linked(each, links).unique() for each in told]).unique()
    rows = engine.units_of(units, customers=pa.table({"customer": doubted})) if len(doubted) else _NO_UNITS
    words = _words(context, links, rows["customer"].unique(), day) if rows.num_rows else {}
    asked = rows.select(["customer", "channel", "time"]).to_pylist()
    no = pa.array([not _willing(context, words, **row) for row in asked], pa.bool_())
    return Consenting(
        left_out=rows.filter(no).select(list(UNITS.key)),
        willing=_asked_before(context, units, doubted, day, engine) if required else None,
    )


def _said_on(store: Store, day: date) -> pa.ChunkedArray:
    """The ids that said yes on a day."""
    said = _last(store, refuses=False, before=day + timedelta(days=1))
    return said.filter(pc.equal(said["day"], pa.scalar(day)))["customer"]


def _asked_before(context: Context, units: Rows, doubted: pa.Array, day: date, engine: Engine) -> pa.Table:
    """Who had said yes before the day on a consent that speaks for a channel, or is in doubt: of those, words tell."""
    found = []
    for channel in engine.counts(units, by=("channel",))["channel"].to_pylist():
        names = yes_names(channel, named=named_consent(context.settings))
        who = pa.concat_arrays([agreeing(context, names, before=day), doubted]).unique()
        found.append(pa.table({"customer": who, "channel": pa.repeat(channel, len(who))}, schema=_WILLING_SCHEMA))
    return pa.concat_tables(found) if found else _WILLING_SCHEMA.empty_table()


_Words: TypeAlias = Mapping[tuple[str, str], Sequence[tuple[datetime, str, bool]]]
"""What each customer said on each consent, in order: the moment, the message id, and whether it is a no."""


def _willing(context: Context, words: _Words, *, customer: str, channel: str, time: datetime) -> bool:
    """Whether a customer, at a moment, had said no, or nothing where a yes is required; a yes may come with it."""
    named = named_consent(context.settings)
    before = {
        name: [(at, refuses) for at, _, refuses in words.get((customer, name), ()) if at <= time]
        for name in consent_names(channel, named=named)
    }
    noes = (next((no for at, no in reversed(said) if at < time), False) for said in before.values())
    if any(noes):
        return False
    asked_for = yes_names(channel, named=named) if context.settings.consent == "required" else ()
    return not asked_for or any(before[name] and not before[name][-1][1] for name in asked_for)


def _words(context: Context, links: pa.Table, customers: pa.Array, day: date) -> _Words:
    """What some customers said last before a day, and all that they said on it."""
    ids = {*_texts(customers), *_texts(links.filter(pc.is_in(links["customer"], value_set=customers))["id"])}
    ends = (day, day + timedelta(days=1))
    speaks = pc.field("name").isin(pa.array([IDENTIFY, *LEAVING], pa.string()))
    theirs = pc.field("customer").isin(pa.array(sorted(ids), pa.string()))
    events = filtered(EVENTS.read(context.store, day, day), speaks & theirs, EVENTS.schema)
    on_the_day = _granted(context.store, consents_in(events, named=named_consent(context.settings)))
    said = pa.concat_tables([*(_last(context.store, ids, before=end) for end in ends), on_the_day])
    found: dict[tuple[str, str], set[tuple[datetime, str, bool]]] = {}
    for customer, row in zip(_texts(linked(said["customer"], links)), said.to_pylist(), strict=True):
        found.setdefault((customer, row["name"]), set()).add((row["time"], row["message_id"], row["refuses"]))
    return {key: sorted(words) for key, words in found.items()}


def _last_of_customers(store: Store, said: pa.Table, before: date | None) -> pa.Table:
    """The last words of whole customers, for last words of single ids: what another of their ids said later counts."""
    if not said.num_rows:
        return said
    links = store.inbox.links()
    mine = linked(said["customer"], links)
    others = links.filter(pc.is_in(links["customer"], value_set=mine.unique()))
    if not others.num_rows:
        return said
    ids = {*_texts(others["id"]), *_texts(others["customer"])}
    alone = said.filter(pc.invert(pc.is_in(said["customer"], value_set=pa.array(sorted(ids), pa.string()))))
    together = _last(store, ids, before=before)
    together = together.set_column(0, "customer", linked(together["customer"], links)).sort_by(
        [("time", "ascending"), ("message_id", "ascending")]
    )
    last = together.group_by(["customer", "name"], use_threads=False).aggregate(
        [(name, "last") for name in ("day", "time", "message_id", "refuses")]
    )
    return pa.concat_tables([alone, last.rename_columns(alone.column_names).cast(alone.schema)])


def _texts(column: pa.ChunkedArray) -> Iterable[str]:
    texts: list[str] = column.to_pylist()
    return texts
