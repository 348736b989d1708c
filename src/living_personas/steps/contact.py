"""Whom we contacted lately, and whether a decision may be delivered now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.deciding.contact import NOBODY_ASKED, delivery
from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA
from living_personas.domain.contact import Contacted, ContactPolicy, Delivery
from living_personas.steps.calendar import seal_waiting
from living_personas.steps.consent import contact_traits
from living_personas.steps.expose import NOTHING
from living_personas.steps.members import CUSTOMERS
from living_personas.steps.parts import Parts
from living_personas.steps.traits import filtered, ids_of, traits_of

__all__ = ["contacted", "delivery_of", "known_now"]

_TIMES = pa.timestamp("us", tz="UTC")


def delivery_of(parts: Parts, customer: str, known: Mapping[str, object], *, at: datetime, channel: str) -> Delivery:
    """Whether what is decided for a customer may be delivered now, by what is recorded up to this moment.

    ``known`` is what came with the question and what stock knew; what the customer said since goes before the latter.
    """
    policy = parts.settings.contact
    facts = {**known_now(parts, customer, channel=channel), **known} if policy else known
    asked = policy is not None and channel in policy.channels and policy.reach > timedelta(0)
    met = contacted(parts, at=at, customers=[customer]) if asked else {}
    mine = next(iter(met.values()), NOBODY_ASKED)
    return delivery(policy, facts, at=at, channel=channel, zone=parts.zone, contacted=mine)


def known_now(parts: Parts, customer: str, *, channel: str) -> Mapping[str, object]:
    """The customer's consent and clock as said since stock was last taken; empty if nothing was."""
    seal_waiting(parts)
    stock = parts.store.partitions.days(CUSTOMERS)
    first = stock[-1] + timedelta(days=1) if stock else date(1970, 1, 1)
    rows = traits_of(parts, contact_traits(parts, channel), first=first, customers=[customer]).to_pylist()
    return {name: said for row in rows[:1] for name, said in row.items() if name != "customer" and said is not None}


def contacted(parts: Parts, *, at: datetime, customers: Collection[str] | None = None) -> Mapping[str, Contacted]:
    """What each customer met on the policy's channels and did, as far back as it asks; only those who did any."""
    policy = parts.settings.contact
    if policy is None:
        return {}
    seal_waiting(parts)
    met = _met(parts, policy, at=at, customers=customers)
    happened = _happened(parts, policy, at=at, customers=customers)
    return {
        customer: Contacted(met=tuple(sorted(met.get(customer, ()))), happened=happened.get(customer))
        for customer in met.keys() | happened.keys()
    }


def _met(
    parts: Parts, policy: ContactPolicy, *, at: datetime, customers: Collection[str] | None
) -> dict[str, list[datetime]]:
    """The moments of contacts: one a decision, and none where nothing was shown."""
    kept = pc.field("channel").isin(pa.array(policy.channels, pa.string()))
    rows = _recent(parts, "exposures", kept, EXPOSURE_SCHEMA, policy=policy, at=at, customers=customers)
    firsts: dict[tuple[str, str], datetime] = {}
    for customer, row in rows:
        if str(row["option"]).lower() not in NOTHING:
            key = (customer, str(row["decision_id"] or row["message_id"]))
            time = row["time"]
            if isinstance(time, datetime):
                firsts[key] = min(firsts.get(key, time), time)
    found: dict[str, list[datetime]] = {}
    for (customer, _), time in firsts.items():
        found.setdefault(customer, []).append(time)
    return found


def _happened(
    parts: Parts, policy: ContactPolicy, *, at: datetime, customers: Collection[str] | None
) -> dict[str, dict[str, datetime]]:
    if not policy.cool_downs:
        return {}
    names = pa.array([each.event for each in policy.cool_downs], pa.string())
    kept = pc.field("name").isin(names)
    found: dict[str, dict[str, datetime]] = {}
    for customer, row in _recent(parts, "events", kept, EVENT_SCHEMA, policy=policy, at=at, customers=customers):
        mine, name, time = found.setdefault(customer, {}), str(row["name"]), row["time"]
        if isinstance(time, datetime):
            mine[name] = max(mine.get(name, time), time)
    return found


def _recent(
    parts: Parts,
    kind: str,
    kept: pc.Expression,
    schema: pa.Schema,
    *,
    policy: ContactPolicy,
    at: datetime,
    customers: Collection[str] | None,
) -> Iterable[tuple[str, Mapping[str, object]]]:
    """The rows that the policy looks at, each with the customer that it is after links."""
    links = parts.store.inbox.links()
    since = at - policy.reach
    first, last = since.astimezone(UTC).date() - timedelta(days=1), at.astimezone(UTC).date() + timedelta(days=1)
    kept &= (pc.field("time") > pa.scalar(since, _TIMES)) & (pc.field("time") <= pa.scalar(at, _TIMES))
    if customers is not None:
        kept &= pc.field("customer").isin(ids_of(links, customers))
    table = filtered(parts.store.partitions.read(kind, first, last), kept, schema)
    whose = dict(zip(links["id"].to_pylist(), links["customer"].to_pylist(), strict=True))
    return [(whose.get(row["customer"], row["customer"]), row) for row in table.to_pylist()]
