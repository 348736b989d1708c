"""Rows of every customer in memory: those that were read, and those that were heard since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EventBatch
from living_personas.domain.consent import LEAVING
from living_personas.domain.contact import ContactPolicy
from living_personas.domain.customer_id import canonical_id
from living_personas.domain.customer_ids import spelled
from living_personas.domain.event import IDENTIFY
from living_personas.errors import StoreError
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.known.said import Word, consents_in
from living_personas.loop.privacy.consent import named_consent
from living_personas.loop.relations import table_of
from living_personas.memory.tables import CUSTOMERS
from living_personas.ports import Store
from living_personas.rules.parse import Kind
from living_personas.serving.contacts import Moment, moments_in, moments_of
from living_personas.serving.customer_index import CustomerIndex, pieces
from living_personas.serving.fresh_traits import asked_traits, fresh_events, known_words, merged, nothing_known
from living_personas.serving.knowledge import NOT_KNOWLEDGE, ids_of

__all__ = ["HeldRows", "read_rows"]

_NOBODY = pa.schema([("customer", pa.string())])
_SAID = ("name", "day", "time", "message_id", "properties")
_MOMENT = ("name", "key", "time")


@dataclass(slots=True, kw_only=True)
class HeldRows:
    """What was read, and what was heard since: the first ``heard`` events of all are in one of the two.

    ``empty`` is what is known of whoever has no row.

    ``problem`` says why the customers table could not be read: then nothing is known of anybody but what was heard.

    ``since`` is when it was read, ``day`` that of the customers table. Customers have one row there; ``said`` and
    ``moments`` have lists of what ids said and met.
    """

    since: datetime
    day: date
    kinds: Mapping[str, Kind]
    empty: Mapping[str, object]
    policy: ContactPolicy | None
    heard: int
    customers: CustomerIndex
    groups: CustomerIndex
    said: CustomerIndex
    moments: CustomerIndex
    refusing: set[str]
    problem: str = ""
    new_ids: dict[str, Sequence[str]] = field(default_factory=dict)
    new_words: dict[str, dict[str, Word]] = field(default_factory=dict)
    new_moments: dict[str, list[Moment]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.customers) + len(self.groups)

    @property
    def names(self) -> frozenset[str]:
        """The names of events that matter."""
        cool_downs = self.policy.cool_downs if self.policy else ()
        return frozenset({IDENTIFY, *LEAVING, *(each.event for each in cool_downs)})

    @property
    def channels(self) -> Collection[str]:
        """The channels on which exposures matter."""
        return self.policy.channels if self.policy else ()

    def ids(self, customer: str) -> Sequence[str]:
        """Every id of a customer, as ``ids_of`` says them."""
        form = canonical_id(customer)
        found = self.new_ids.get(customer) or self.new_ids.get(form)
        if found is not None:
            return found
        if not len(self.groups):
            return (form,)
        group = self.groups.of(customer) or (self.groups.of(form) if form != customer else None)
        return (str(group["known_by"]), *_list(group["others"])) if group else (form,)

    def facts(self, ids: Sequence[str]) -> Mapping[str, object]:
        """What the customers table says, and what was said since."""
        found = (row for id_ in ids if (row := self.customers.of(id_)) is not None)
        row = next(found, None) or dict(self.empty)
        if not self.new_words and not len(self.said):
            return row
        words = [word for id_ in ids for word in self._words(id_)]
        return row | merged(words, self.kinds) if words else row

    def refuses_any(self, ids: Sequence[str]) -> bool:
        """Whether the last word of one of the ids, on some consent, is a no."""
        return any(id_ in self.refusing for id_ in ids)

    def moments_of(self, ids: Sequence[str], *, at: datetime) -> Sequence[Moment]:
        """The contacts and events of a customer that the policy looks at, as of a moment."""
        if self.policy is None:
            return ()
        after = at - self.policy.reach
        return [moment for id_ in ids for moment in self._moments(id_) if moment[2] > after]

    def add(self, context: Context, batch: EventBatch, *, count: int) -> None:
        """Take in new events, after which so many are recorded."""
        if batch:
            self._add(context, batch)
        self.heard = count

    def _add(self, context: Context, batch: EventBatch) -> None:
        store = context.store
        for id_ in self._regrouped(batch.events):
            self.new_ids[id_] = ids_of(store, id_)
        for word in known_words(batch.events, self.kinds):
            if word.day > self.day:
                mine = self.new_words.setdefault(word.customer, {})
                mine[word.name] = max(word, mine.get(word.name, word), key=lambda each: each.moment)
        if self.policy is not None and self.policy.reach:
            for customer, *moment in zip(*(c.to_pylist() for c in moments_in(batch, self.policy).columns), strict=True):
                self.new_moments.setdefault(customer, []).append((moment[0], moment[1], moment[2]))
        spoke = set(consents_in(batch.events, named=named_consent(context.settings))["customer"].to_pylist())
        if spoke:
            no = set(store.consents.last(spoke, refuses=True)["customer"].to_pylist())
            self.refusing |= no  # first: whoever still says no is asked about in the meantime
            self.refusing -= spoke - no

    def _moments(self, id_: str) -> Iterable[Moment]:
        row = self.moments.of(id_) if len(self.moments) else None
        if row is not None:
            yield from zip(*(_list(row[name]) for name in _MOMENT), strict=True)
        yield from self.new_moments.get(id_, ())

    def _regrouped(self, events: pa.Table) -> set[str]:
        """The ids that may belong to another customer than before."""
        linking = events.filter(pc.or_(pc.not_equal(events["also"], ""), spelled(events["customer"])))
        named = {*linking["customer"].to_pylist(), *linking["also"].to_pylist()} - {""}
        before = {id_ for each in named for id_ in self.ids(each)}
        return before | named | {canonical_id(id_) for id_ in named}

    def _words(self, id_: str) -> Iterable[Word]:
        row = self.said.of(id_) if len(self.said) else None
        if row is not None:
            columns = {name: _list(row[name]) for name in _SAID}
            events = pa.table({"customer": [id_] * len(columns["name"]), **columns})
            yield from known_words(events, self.kinds)
        yield from self.new_words.get(id_, {}).values()


def read_rows(context: Context, *, at: datetime) -> HeldRows:
    """Read everything; what waits is sealed first."""
    seal_waiting(context)
    store, policy, folder = context.store, context.settings.contact, context.scratch
    heard = store.inbox.sealed()
    links = store.inbox.links()
    customers, problem = _customers(store)
    return HeldRows(
        since=at,
        day=CUSTOMERS.last_day(store) or date.min,
        kinds=asked_traits(context),
        empty=nothing_known(context),
        policy=policy,
        heard=heard,
        customers=CustomerIndex(_facts(customers), folder=folder),
        groups=CustomerIndex(_groups(links), by="id", folder=folder),
        said=CustomerIndex(_grouped(fresh_events(store), _SAID), folder=folder),
        moments=CustomerIndex(_grouped(moments_of(store, policy, at=at), _MOMENT), folder=folder),
        refusing={id_ for piece in pieces(store.consents.last(refuses=True)["customer"]) for id_ in piece if id_},
        problem=problem,
    )


def _customers(store: Store) -> tuple[pa.Table, str]:
    """The newest customers table; or nobody, and what is wrong with it: consents and events answer without it."""
    try:
        return table_of(CUSTOMERS.newest(store), _NOBODY), ""
    except StoreError as error:
        return _NOBODY.empty_table(), error.message


def _facts(customers: pa.Table) -> pa.Table:
    return customers.drop_columns([name for name in NOT_KNOWLEDGE[1:] if name in customers.column_names])


def _groups(links: pa.Table) -> pa.Table:
    """A row for each id that is linked: the id that its customer is known by, and the others."""
    groups = links.group_by("customer", use_threads=False).aggregate([("id", "list")])
    ids = pa.chunked_array([*groups["customer"].chunks, *links["id"].chunks], pa.string())
    known_by = pa.chunked_array([*groups["customer"].chunks, *links["customer"].chunks], pa.string())
    others = groups["id_list"].take(pc.index_in(known_by, value_set=groups["customer"].combine_chunks()))
    return pa.table({"id": ids, "known_by": known_by, "others": others})


def _grouped(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """A row for each customer, with a list for each of these columns."""
    lists = rows.group_by("customer", use_threads=False).aggregate([(name, "list") for name in names])
    return lists.select(["customer", *(f"{name}_list" for name in names)]).rename_columns(["customer", *names])


def _list(found: object) -> list[Any]:
    return found if isinstance(found, list) else []
