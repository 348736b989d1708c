"""Decisions for whole lists: who is on them, what is known of them, what each is to get, and whether now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.deciding.contact import NOBODY_ASKED, delivery, refuses
from living_personas.domain.event import EXPOSED, Event, Exposure
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.errors import ExportError, InvalidDecisionError
from living_personas.steps.calendar import seal_waiting
from living_personas.steps.consent import contact_traits, named_consent
from living_personas.steps.contact import contacted
from living_personas.steps.members import CUSTOMERS
from living_personas.steps.parts import Parts
from living_personas.steps.tables import table_of
from living_personas.steps.traits import traits_of

__all__ = ["DecidedList", "all_customers", "decide_list", "exposures_of", "known_list", "newest_snapshot", "wide"]

_DELIVERY = pa.schema(
    [
        pa.field("customer", pa.string()),
        pa.field("deliver", pa.bool_()),
        pa.field("hold_until", pa.timestamp("us", tz="UTC")),
        pa.field("held_for", pa.string()),
    ]
)


@value
class DecidedList:
    """What a list decided: ``decided`` has a row for each customer and attribute, ``delivery`` one for each customer.

    ``asked`` are the customers of the list, ``refused`` those of them who said no: they are in neither table.
    """

    decided: pa.Table
    delivery: pa.Table
    asked: int
    refused: int


def newest_snapshot(parts: Parts) -> Snapshot:
    """The snapshot that decides now."""
    snapshot = parts.store.snapshots.latest()
    if snapshot is None:
        raise InvalidDecisionError("Nothing has been published yet.", hint="run `personas run` once.")
    return snapshot


def all_customers(parts: Parts) -> pa.Table:
    """Everybody, as stock was last taken: ``customer``, features and traits, ``persona``."""
    days = parts.store.partitions.days(CUSTOMERS)
    if not days:
        raise ExportError("Stock of the customers was never taken.", hint="run `personas run` once.")
    table = table_of(parts.store.partitions.read(CUSTOMERS, days[-1], days[-1]))
    # Consent may have been withdrawn since: it is always asked of the events.
    return table.drop_columns([name for name in table.column_names if name in ("matches", *contact_traits(parts))])


def known_list(parts: Parts, customers: pa.Table) -> pa.Table:
    """The list with what the last cycle knew of each customer; the list's own columns go before it."""
    days = parts.store.partitions.days(CUSTOMERS)
    if not days:
        return customers
    known = table_of(parts.store.partitions.read(CUSTOMERS, days[-1], days[-1]))
    return _joined(parts, customers, known.drop_columns(["persona", "matches"]))


def decide_list(
    parts: Parts, customers: pa.Table, *, at: datetime, channel: str = "", campaign: str = ""
) -> DecidedList:
    """Decide for every customer of a list who did not say no, in one SQL statement.

    Parameters
    ----------
    customers
        ``customer`` and whatever is known of them beside what stock knows.

    Raises
    ------
    InvalidDecisionError
        If nothing has been published.
    """
    snapshot = newest_snapshot(parts)
    seal_waiting(parts)
    listed = _once(customers)
    known = _willing(parts, listed, channel=channel)
    kept = known_list(parts, listed.filter(pc.is_in(listed["customer"], value_set=pa.array(known, pa.string()))))
    return DecidedList(
        decided=parts.engine.decide(snapshot, kept, at=at, channel=channel, campaign=campaign),
        delivery=_deliveries(parts, known, at=at, channel=channel),
        asked=listed.num_rows,
        refused=listed.num_rows - len(known),
    )


def wide(found: DecidedList) -> pa.Table:
    """One row a customer: who, what, how probably, and whether it may be delivered now; in order of customers."""
    decided = found.decided
    names = ["persona", "persona_version", "holdout", "decision_id"]
    table = decided.group_by("customer").aggregate([(name, "min") for name in names])
    table = table.select(["customer", *(f"{name}_min" for name in names)]).rename_columns(["customer", *names])
    for attribute in sorted(decided["attribute"].unique().to_pylist()):
        mine = decided.filter(pc.equal(decided["attribute"], attribute)).select(["customer", "option", "propensity"])
        named = mine.rename_columns(["customer", attribute, f"{attribute}_propensity"])
        table = table.join(named, keys="customer", join_type="left outer")
    return table.join(found.delivery, keys="customer", join_type="left outer").sort_by("customer")


def exposures_of(found: DecidedList, *, at: datetime, channel: str) -> tuple[Event, ...]:
    """The events that say that everybody on the list who may be contacted now was: one a customer.

    Of attributes with an option that shows nothing, each option counts; so the comparison stays fair.
    """
    now = set(found.delivery.filter(found.delivery["deliver"])["customer"].to_pylist())
    met: dict[str, list[Mapping[str, object]]] = {}
    for row in found.decided.to_pylist():
        if row["customer"] in now:
            met.setdefault(row["customer"], []).append(row)
    return tuple(
        Event(
            message_id=f"{rows[0]['decision_id']}:listed",
            customer=customer,
            name=EXPOSED,
            time=at,
            channel=channel,
            properties={"decision_id": str(rows[0]["decision_id"])},
            exposures=tuple(map(_exposure, rows)),
        )
        for customer, rows in sorted(met.items())
    )


def _exposure(row: Mapping[str, object]) -> Exposure:
    propensity = row["propensity"]
    return Exposure(
        attribute=str(row["attribute"]),
        option=str(row["option"]),
        persona=str(row["persona"]),
        policy=str(row["policy"]),
        epoch=str(row["epoch"]),
        propensity=propensity if isinstance(propensity, float) else None,
        decision_id=str(row["decision_id"]),
        holdout=bool(row["holdout"]),
    )


def _once(customers: pa.Table) -> pa.Table:
    """The list with each customer once, by its first row."""
    first = dict(reversed([(customer, row) for row, customer in enumerate(customers["customer"].to_pylist())]))
    return customers if len(first) == customers.num_rows else customers.take(pa.array(sorted(first.values())))


def _willing(parts: Parts, listed: pa.Table, *, channel: str) -> dict[str, dict[str, object]]:
    """What is known of those who said no neither in the list nor in the events: consent and clock, by customer."""
    traits = contact_traits(parts, channel)
    own = listed.select(["customer", *(name for name in traits if name in listed.column_names)]).to_pylist()
    said = _joined(parts, listed.select(["customer"]), traits_of(parts, traits)).to_pylist()
    consent = named_consent(parts)
    return {
        row["customer"]: {**fresh, **{name: told for name, told in row.items() if told is not None}}
        for row, fresh in zip(own, said, strict=True)
        if not any(refuses(each, channel=channel, consent=consent) for each in (row, fresh))
    }


def _deliveries(parts: Parts, known: Mapping[str, Mapping[str, object]], *, at: datetime, channel: str) -> pa.Table:
    policy = parts.settings.contact
    asked = policy is not None and channel in policy.channels and policy.reach > timedelta(0)
    met = contacted(parts, at=at) if asked else {}
    found = {
        customer: delivery(
            policy, row, at=at, channel=channel, zone=parts.zone, contacted=met.get(customer, NOBODY_ASKED)
        )
        for customer, row in known.items()
    }
    rows = [
        {"customer": customer, "deliver": each.deliver, "hold_until": each.hold_until, "held_for": each.reason}
        for customer, each in found.items()
    ]
    return pa.Table.from_pylist(rows, schema=_DELIVERY)


def _joined(parts: Parts, listed: pa.Table, known: pa.Table) -> pa.Table:
    """The list in its own order, with the columns of what is known that it has not itself."""
    places = pc.index_in(_canonical(parts, listed["customer"]), value_set=known["customer"].combine_chunks())
    for name in known.column_names:
        if name not in listed.column_names:
            listed = listed.append_column(name, known[name].take(places))
    return listed


def _canonical(parts: Parts, ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """The customer that each id is, after links."""
    links = parts.store.inbox.links()
    found = links["customer"].take(pc.index_in(ids, value_set=links["id"].combine_chunks()))
    return pc.coalesce(found, ids)
