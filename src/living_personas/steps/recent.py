"""Whom we contacted lately and who said what since stock was taken, in memory: for those who decide at once.

It says of one customer what ``steps.contact`` reads from the store, without touching the store: sealed days are loaded,
and whoever records events tells of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from living_personas.deciding.contact import NOBODY_ASKED, TIME_ZONE
from living_personas.domain.contact import Contacted, ContactPolicy
from living_personas.domain.event import IDENTIFY, Event
from living_personas.domain.value import value
from living_personas.steps.calendar import seal_waiting
from living_personas.steps.consent import contact_traits
from living_personas.steps.expose import NOTHING
from living_personas.steps.known import Known, customers_mark
from living_personas.steps.members import CUSTOMERS
from living_personas.steps.parts import Parts
from living_personas.steps.traits import traits_of

__all__ = ["Recent"]

_TIMES = pa.timestamp("us", tz="UTC")
_MOMENTS = pa.schema([("customer", pa.string()), ("key", pa.string()), ("time", _TIMES)])
_CONSENT = "consent_"

Moments = dict[str, datetime]


@value
class _Sealed:
    """What the sealed days say, each by any id of the customer."""

    met: Known
    happened: Known
    said: Known
    ids: Known
    mark: object


class _Fresh:
    """What was recorded since, by the ids that came with it."""

    def __init__(self, policy: ContactPolicy) -> None:
        self._channels = frozenset(policy.channels)
        self._events = frozenset(each.event for each in policy.cool_downs)
        self._asked = frozenset({*policy.consent, "gpc", TIME_ZONE})
        self.met: dict[str, Moments] = {}
        self.happened: dict[str, Moments] = {}
        self.said: dict[str, dict[str, tuple[datetime, object]]] = {}
        self.groups: dict[str, frozenset[str]] = {}

    def add(self, event: Event) -> None:
        """Take note of what matters of an event."""
        if event.also:
            group = self._group(event.customer) | self._group(event.also)
            self.groups.update(dict.fromkeys(group, group))
        if event.channel in self._channels and any(e.option.lower() not in NOTHING for e in event.exposures):
            met = self.met.setdefault(event.customer, {})
            key = event.exposures[0].decision_id or event.message_id
            met[key] = min(met.get(key, event.time), event.time)
        if event.name in self._events:
            happened = self.happened.setdefault(event.customer, {})
            happened[event.name] = max(happened.get(event.name, event.time), event.time)
        if event.name == IDENTIFY and event.properties:
            self._hear(event.customer, event.time, event.properties)

    def _hear(self, customer: str, time: datetime, properties: Mapping[str, object]) -> None:
        for name, told in properties.items():
            if told is not None and (name in self._asked or name.startswith(_CONSENT)):
                said = self.said.setdefault(customer, {})
                if name not in said or said[name][0] <= time:
                    said[name] = (time, told)

    def _group(self, id_: str) -> frozenset[str]:
        return self.groups.get(id_) or frozenset({id_})


class Recent:
    """Recent contacts under one policy at a time; told by one thread, loaded by another, asked by a third."""

    def __init__(self) -> None:
        self._held: tuple[ContactPolicy, _Sealed | None, tuple[_Fresh, ...]] | None = None
        self.loads = 0

    def load(self, parts: Parts, *, at: datetime) -> None:
        """Read the sealed days again if they, the links or the policy have changed; what waits is sealed first."""
        policy = parts.settings.contact
        if policy is None:
            self._held = None
            return
        held = self._held if self._held is not None and self._held[0] == policy else None
        if held is not None and held[1] is not None and held[1].mark == _mark(parts, policy, at=at):
            return
        # What is told from here on is kept beside what is loaded; what was told before is sealed by now.
        begun = _Fresh(policy)
        self._held = (policy, held[1] if held else None, (*(held[2] if held else ()), begun))
        seal_waiting(parts)
        self.loads += 1
        self._held = (policy, _sealed(parts, policy, at=at), (begun,))

    def tell(self, events: Iterable[Event]) -> None:
        """Take note of events that were recorded just now."""
        held = self._held
        if held is not None:
            for event in events:
                held[2][-1].add(event)

    def of(self, customer: str) -> tuple[Contacted, Mapping[str, object]]:
        """What a customer met and did lately, and what it said of consent and its clock since stock was taken."""
        held = self._held
        if held is None:
            return NOBODY_ASKED, {}
        _, sealed, fresh = held
        met: Moments = {}
        happened: Moments = {}
        said: dict[str, object] = {}
        ids = _ids(customer, sealed, fresh)
        if sealed is not None:
            for id_ in ids:
                _earliest(met, _moments(sealed.met.of(id_)))
                _latest(happened, _moments(sealed.happened.of(id_)))
                said |= {name: told for name, told in sealed.said.of(id_).items() if told is not None}
        for each in fresh:
            for id_ in ids:
                _earliest(met, each.met.get(id_, {}))
                _latest(happened, each.happened.get(id_, {}))
        said |= _last_said(ids, fresh)
        if not met and not happened:
            return NOBODY_ASKED, said
        return Contacted(met=tuple(sorted(met.values())), happened=happened or None), said


def _ids(customer: str, sealed: _Sealed | None, fresh: Sequence[_Fresh]) -> Sequence[str]:
    """Every id by which something may be kept of a customer."""
    found, asked = [customer], [customer]
    while asked:
        id_ = asked.pop()
        linked = sealed.ids.of(id_).get("ids") if sealed is not None else None
        news = [
            *(linked if isinstance(linked, list) else ()),
            *(other for f in fresh for other in f.groups.get(id_, ())),
        ]
        for other in news:
            if other not in found:
                found.append(other)
                asked.append(other)
    return found


def _last_said(ids: Sequence[str], fresh: Sequence[_Fresh]) -> dict[str, object]:
    last: dict[str, tuple[datetime, object]] = {}
    for each in fresh:
        for id_ in ids:
            for name, told in each.said.get(id_, {}).items():
                if name not in last or last[name][0] <= told[0]:
                    last[name] = told
    return {name: told for name, (_, told) in last.items()}


def _moments(row: Mapping[str, object]) -> Moments:
    keys, times = row.get("key"), row.get("time")
    return dict(zip(keys, times, strict=True)) if isinstance(keys, list) and isinstance(times, list) else {}


def _earliest(found: Moments, more: Moments) -> None:
    for key, time in more.items():
        found[key] = min(found.get(key, time), time)


def _latest(found: Moments, more: Moments) -> None:
    for key, time in more.items():
        found[key] = max(found.get(key, time), time)


def _sealed(parts: Parts, policy: ContactPolicy, *, at: datetime) -> _Sealed:
    mark = _mark(parts, policy, at=at)
    links = parts.store.inbox.links()
    stock = parts.store.partitions.days(CUSTOMERS)
    first = stock[-1] + timedelta(days=1) if stock else date(1970, 1, 1)
    return _Sealed(
        met=Known(_listed(_met(parts, policy, at=at), links, "min"), links),
        happened=Known(_listed(_happened(parts, policy, at=at), links, "max"), links),
        said=Known(traits_of(parts, contact_traits(parts), first=first), links),
        ids=Known(links.group_by("customer").aggregate([("id", "list")]).rename_columns(["customer", "ids"]), links),
        mark=mark,
    )


def _mark(parts: Parts, policy: ContactPolicy, *, at: datetime) -> object:
    """Something that is another whenever rows were sealed that the policy looks at, or stock was taken."""
    days = _days(policy, at)
    read = [parts.store.partitions.read(kind, *days) for kind in ("exposures", "events")]
    return days, customers_mark(parts), [each if isinstance(each, tuple) else each.num_rows for each in read]


def _days(policy: ContactPolicy, at: datetime) -> tuple[date, date]:
    first, last = (at - policy.reach).astimezone(UTC).date(), at.astimezone(UTC).date()
    return first - timedelta(days=1), last + timedelta(days=1)


def _met(parts: Parts, policy: ContactPolicy, *, at: datetime) -> pa.Table:
    """The decisions that were met and showed something."""
    kept = pc.field("channel").isin(pa.array(policy.channels, pa.string()))
    rows = _rows(
        parts, "exposures", kept, ("customer", "time", "decision_id", "message_id", "option"), policy=policy, at=at
    )
    if rows is None:
        return _MOMENTS.empty_table()
    rows = rows.filter(pc.invert(pc.is_in(pc.utf8_lower(rows["option"]), value_set=pa.array(sorted(NOTHING)))))
    key = pc.if_else(pc.equal(rows["decision_id"], ""), rows["message_id"], rows["decision_id"])
    return pa.table({"customer": rows["customer"], "key": key, "time": rows["time"]}).cast(_MOMENTS)


def _happened(parts: Parts, policy: ContactPolicy, *, at: datetime) -> pa.Table:
    """The events that call for a cool-down."""
    names = pa.array([each.event for each in policy.cool_downs], pa.string())
    rows = _rows(parts, "events", pc.field("name").isin(names), ("customer", "name", "time"), policy=policy, at=at)
    return _MOMENTS.empty_table() if rows is None else rows.rename_columns(["customer", "key", "time"]).cast(_MOMENTS)


def _rows(
    parts: Parts, kind: str, kept: pc.Expression, columns: Sequence[str], *, policy: ContactPolicy, at: datetime
) -> pa.Table | None:
    relation = parts.store.partitions.read(kind, *_days(policy, at))
    if isinstance(relation, tuple) and not relation:
        return None
    kept &= pc.field("time") > pa.scalar(at - policy.reach, _TIMES)
    dataset = ds.dataset(list(relation) if isinstance(relation, tuple) else relation)
    return dataset.to_table(columns=list(columns), filter=kept)


def _listed(rows: pa.Table, links: pa.Table, which: str) -> pa.Table:
    """A row for each customer: its keys, and the first or last moment of each."""
    own = links["customer"].take(pc.index_in(rows["customer"], value_set=links["id"].combine_chunks()))
    named = rows.set_column(0, "customer", pc.coalesce(own, rows["customer"]))
    once = named.group_by(["customer", "key"]).aggregate([("time", which)])
    listed = once.group_by("customer").aggregate([("key", "list"), (f"time_{which}", "list")])
    return listed.rename_columns(["customer", "key", "time"])
