"""The desk for whole lists: who is on them, what each is to get, and whether now; one statement decides for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.deciding.assign import what_is_missing
from living_personas.deciding.contact_rules import delivery, zone_of
from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA, EventBatch
from living_personas.domain.consent import PRIVACY_CONTROL, consent_names, yes_names
from living_personas.domain.contact import TIME_ZONE, ContactPolicy, Delivery
from living_personas.domain.customer_id import CUSTOMER, KNOWN_BY
from living_personas.domain.customer_ids import canonical_ids, customer_ids
from living_personas.domain.event import EXPOSED
from living_personas.domain.raw import distinct, flat, shown
from living_personas.domain.settings import Settings
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.domain.yes_no import consents_of, saying_no
from living_personas.errors import ExportError, InvalidDecisionError
from living_personas.loop.consent import agreeing, named_consent, refusing
from living_personas.loop.context import Context
from living_personas.loop.memberships import memberships
from living_personas.loop.relations import filtered
from living_personas.loop.seal import seal_waiting
from living_personas.loop.tombstones import erased_among
from living_personas.memory.tables import CUSTOMERS
from living_personas.rules.parse import parse
from living_personas.serving.contacts import Moment, contacted, moments_of
from living_personas.serving.fresh_traits import asked_traits, fresh_events, known_words, nothing_known, words_table
from living_personas.serving.published import newest_snapshot
from living_personas.stats.arrays import Ints

__all__ = ["ListAnswer", "all_customers", "answer_list", "exposures_of", "wide"]

DELIVERY = pa.schema(
    [
        pa.field("customer", pa.string()),
        pa.field("deliver", pa.bool_()),
        pa.field("hold_until", pa.timestamp("us", tz="UTC")),
        pa.field("held_for", pa.string()),
    ]
)
_OF_A_CUSTOMER = ("persona", "persona_version", "holdout", "decision_id")
_NOBODY = pa.schema([("customer", pa.string())])


@value
class ListAnswer:
    """What a list decided: ``decided`` has a row for each customer and attribute, ``delivery`` one for each customer.

    ``at`` is the moment of the decisions. ``asked`` are the customers of the list, ``refused`` those of them who said
    no, or nothing where consent is required: they are in neither table.
    ``undecided`` says, by attribute, what is missing to choose it for some customers or all.
    """

    decided: pa.Table
    delivery: pa.Table
    at: datetime
    asked: int
    refused: int
    undecided: Mapping[str, str]


def all_customers(context: Context, *, persona: str = "") -> pa.Table:
    """Everybody whom the last cycle knew, or the members of one ``persona``: their ``customer``.

    Raises
    ------
    ExportError
        If there was no cycle yet.
    """
    if CUSTOMERS.last_day(context.store) is None:
        raise ExportError(
            "No customers are known yet.",
            hint="record events of days that are over (`personas ingest`); `personas run` then closes these days.",
        )
    if persona:
        return memberships(context.store, persona).select(["customer"])
    return filtered(CUSTOMERS.newest(context.store), columns=["customer"])


def answer_list(
    context: Context, customers: pa.Table, *, at: datetime, channel: str = "", campaign: str = ""
) -> ListAnswer:
    """Decide for every customer of a list who did not say no, as the desk does for each.

    Parameters
    ----------
    customers
        ``customer`` and whatever is known of them beside what is known here: it goes before it.

    Raises
    ------
    NotPublishedError
        If nothing has been published.
    InvalidDecisionError
        If a row of the list names nobody, or what cannot be an id.
    """
    snapshot = newest_snapshot(context.store)
    seal_waiting(context)
    listed = _once(_read(customers, context.settings))
    known_by = _known_by(context, listed["customer"])
    willing = pc.invert(_refused(context, listed, known_by, channel=channel))
    kept, known_by = listed.filter(willing), known_by.filter(willing)
    known = _known(context, snapshot, kept, known_by)
    undecided = _undecided(snapshot, known, channel=channel, campaign=campaign, at=at)
    return ListAnswer(
        decided=context.engine.decide(snapshot, known, at=at, channel=channel, campaign=campaign),
        delivery=_deliveries(context, known, known_by, at=at, channel=channel),
        at=at,
        asked=listed.num_rows,
        refused=listed.num_rows - kept.num_rows,
        undecided=undecided,
    )


def wide(found: ListAnswer, *, most: int = 50_000) -> Iterator[pa.Table]:
    """One row a customer: who, what and when, how probably, and whether it may be delivered now; in order of customers.

    It holds all that its exposures need when it comes back as a source: the moment, and for each attribute the policy
    and the epoch of its option. It comes in pieces of at most so many customers: one at least, all with equal columns.
    """
    customers = found.decided["customer"].combine_chunks()
    begins = np.ones(len(customers), bool)
    if len(customers) > 1:
        begins[1:] = pc.not_equal(customers[1:], customers[:-1]).to_numpy(zero_copy_only=False)
    first = np.flatnonzero(begins)
    attributes = sorted(found.decided["attribute"].unique().to_pylist())
    for start in range(0, max(len(first), 1), most):
        ends = [int(first[place]) if place < len(first) else len(customers) for place in (start, start + most)]
        rows = found.decided.slice(ends[0], ends[1] - ends[0])
        yield _wide_piece(found, rows, first[start : start + most] - ends[0], attributes)


def _wide_piece(found: ListAnswer, decided: pa.Table, first: Ints, attributes: Sequence[str]) -> pa.Table:
    """The rows of some customers, ``decided`` by customer and attribute; each customer's begin at ``first``."""
    row = np.repeat(np.arange(len(first)), np.diff(first, append=decided.num_rows))
    columns = {name: decided[name].take(pa.array(first)) for name in ("customer", *_OF_A_CUSTOMER)}
    moments = pa.array([found.at.astimezone(UTC)], pa.timestamp("us", tz="UTC"))
    columns["decided_at"] = moments.take(pa.array([0] * len(first), pa.int32()))
    for attribute in attributes:
        mine = np.flatnonzero(pc.equal(decided["attribute"], attribute).to_numpy())
        places = np.full(len(first), -1)
        places[row[mine]] = mine
        where = pa.array(places, mask=places < 0)
        columns |= {
            attribute: decided["option"].take(where),
            f"{attribute}_propensity": decided["propensity"].take(where),
            f"{attribute}__policy": decided["policy"].take(where),
            f"{attribute}__epoch": decided["epoch"].take(where),
        }
    where = pc.index_in(columns["customer"], value_set=found.delivery["customer"].combine_chunks())
    columns |= {name: found.delivery[name].take(where) for name in DELIVERY.names[1:]}
    return pa.table(columns)


def exposures_of(found: ListAnswer, *, at: datetime, channel: str, zone: ZoneInfo) -> EventBatch:
    """The events that say that everybody on the list who may be contacted now was: one a customer.

    Each option counts, also one that shows nothing: so the comparison stays fair.
    """
    now = found.delivery.filter(found.delivery["deliver"])["customer"].combine_chunks()
    rows = found.decided.filter(pc.is_in(found.decided["customer"], value_set=now))
    local = at.astimezone(zone)
    exposures = _filled(
        rows.append_column("message_id", pc.binary_join_element_wise(rows["decision_id"], "listed", ":")),
        EXPOSURE_SCHEMA,
        {"time": at, "day": local.date(), "channel": channel, "stratum": ""},
    )
    customers = exposures["customer"].unique()
    first = exposures.take(pc.index_in(customers, value_set=exposures["customer"].combine_chunks()))
    said = pc.binary_join_element_wise('{"decision_id": "', first["decision_id"], '"}', "")
    events = _filled(
        first.append_column("properties", said),
        EVENT_SCHEMA,
        {"also": "", "name": EXPOSED, "hour": local.hour},
    )
    return EventBatch(events=events, exposures=exposures)


def _filled(rows: pa.Table, schema: pa.Schema, same: Mapping[str, object]) -> pa.Table:
    """The rows in the columns of a schema, those of ``same`` alike for all."""
    columns = [
        pa.array([same[field.name]], field.type).take(pa.array([0] * len(rows), pa.int32()))
        if field.name in same
        else rows[field.name].cast(field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _read(customers: pa.Table, settings: Settings) -> pa.Table:
    """The list with its ids as they are read at every door, and all texts of one kind."""
    said = customers["customer"]
    ids, why = customer_ids(said, nobody=settings.nobody.words)
    bad = pc.is_valid(why)
    if bad.true_count:
        row = pc.index(bad, value=True).as_py()
        raise InvalidDecisionError(
            f"{bad.true_count:,} rows of the list have no customer: row {row + 1} holds {shown(said[row].as_py())}, "
            f"{why[row].as_py()}.",
            hint="leave these rows out, and write ids as text.",
        )
    views = [each.with_type(pa.string()) if pa.types.is_string_view(each.type) else each for each in customers.schema]
    plain = customers.cast(pa.schema(views))
    return plain.set_column(plain.column_names.index("customer"), "customer", ids)


def _once(customers: pa.Table) -> pa.Table:
    """The list with each customer once, by its first row."""
    ids = customers["customer"]
    distinct = ids.unique()
    if len(distinct) == customers.num_rows:
        return customers
    return customers.take(pc.index_in(distinct, value_set=ids.combine_chunks()))


def _known_by(context: Context, ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """The id that each customer is known by."""
    links = context.store.inbox.links()
    known = links["id"].combine_chunks()
    forms = canonical_ids(ids)
    found, by_form = (links["customer"].take(pc.index_in(each, value_set=known)) for each in (ids, forms))
    return pc.coalesce(found, by_form, forms)


def _refused(context: Context, listed: pa.Table, known_by: pa.ChunkedArray, *, channel: str) -> pa.ChunkedArray:
    """Who said no, in the list or before; or nothing, where consent is required."""
    named, told = named_consent(context.settings), set(listed.column_names)
    no = pc.is_in(known_by, value_set=refusing(context, channel))
    erased = erased_among(context, (id_ for ids in (listed["customer"], known_by) for id_ in ids.to_pylist()))
    no = pc.or_(no, pc.is_in(listed["customer"], value_set=pa.array(sorted(erased), pa.string())))
    for name in consent_names(channel, named=named) & told:
        no = pc.or_(no, saying_no(listed[name], inverted=name == PRIVACY_CONTROL))
    if context.settings.consent == "assumed":
        return no
    asked_for = yes_names(channel, named=named)
    yes = pc.is_in(known_by, value_set=agreeing(context, asked_for))
    for name in asked_for & told:
        yes = pc.or_(yes, pc.fill_null(consents_of(listed[name]), False))  # noqa: FBT003 - Arrow's own form
    return pc.or_(no, pc.invert(yes))


def _known(context: Context, snapshot: Snapshot, listed: pa.Table, known_by: pa.ChunkedArray) -> pa.Table:
    """The list beside what is known of each customer that rules ask for; the list's own columns go before it."""
    names = {name for rule in snapshot.rules for name, _ in parse(rule).columns}
    asked = {TIME_ZONE, *names} - {CUSTOMER}
    customers = filtered(CUSTOMERS.newest(context.store), schema=_NOBODY, columns=["customer", *sorted(asked)])
    if not known_by.equals(customers["customer"]):  # everybody, in order: nothing has to be found
        customers = customers.take(_rows(context, customers["customer"].combine_chunks(), known_by))
    known = dict(zip(customers.column_names[1:], customers.columns[1:], strict=True))
    unknown = pc.is_null(customers["customer"])
    if pc.any(unknown).as_py():
        known = _over_empty(known, {n: x for n, x in nothing_known(context).items() if n in asked}, unknown)
    fresh = _fresh(context)
    places = pc.index_in(known_by, value_set=fresh["customer"].combine_chunks())
    for name in fresh.column_names[1:]:
        said = fresh[name].take(places)
        known[name] = pc.coalesce(said, known[name].cast(said.type)) if name in known else said
    for name, column in known.items():
        if name not in listed.column_names:
            listed = listed.append_column(name, column)
    return listed.append_column(KNOWN_BY, canonical_ids(known_by)) if CUSTOMER in names else listed


def _over_empty(
    known: dict[str, pa.ChunkedArray], empty: Mapping[str, float | None], unknown: pa.ChunkedArray
) -> dict[str, pa.ChunkedArray]:
    """The columns where those who are ``unknown`` have an ``empty`` history."""
    for name, number in empty.items():
        said = known.get(name, pa.chunked_array([pa.nulls(len(unknown), pa.float64())]))
        known[name] = pc.if_else(unknown, pa.scalar(number, said.type), said)
    return known


def _rows(context: Context, customers: pa.Array, known_by: pa.ChunkedArray) -> pa.ChunkedArray:
    """The row of each customer: that of the id it is known by, or else of the first other id that has one."""
    rows = pc.index_in(known_by, value_set=customers)
    links = context.store.inbox.links()
    found = pc.index_in(links["id"], value_set=customers)
    others = pa.table({"customer": links["customer"], "row": found}).filter(pc.is_valid(found))
    if not others.num_rows:
        return rows
    first = others.take(pc.index_in(others["customer"].unique(), value_set=others["customer"].combine_chunks()))
    return pc.coalesce(rows, first["row"].take(pc.index_in(known_by, value_set=first["customer"].combine_chunks())))


def _fresh(context: Context) -> pa.Table:
    """What customers said since the customers table was written, by the id that they are known by."""
    kinds = asked_traits(context)
    events = fresh_events(context.store)
    place = events.schema.get_field_index("customer")
    events = events.set_column(place, "customer", _known_by(context, events["customer"]))
    return words_table(known_words(events, kinds), kinds)


def _undecided(snapshot: Snapshot, known: pa.Table, *, channel: str, campaign: str, at: datetime) -> dict[str, str]:
    """What is missing to choose an attribute for some customers or all, by attribute."""
    day = at.astimezone(ZoneInfo(snapshot.time_zone)).date()
    visits = known["visit"].cast(pa.string()) if "visit" in known.column_names else pa.array([""])
    visit = "" if pc.any(pc.equal(pc.fill_null(visits, ""), "")).as_py() else "any"
    found = {
        attribute.attribute: what_is_missing(attribute, snapshot=snapshot, day=day, visit=visit, campaign=campaign)
        for persona in snapshot.personas
        for attribute in persona.attributes
        if attribute.channel in ("", channel)
    }
    return {name: text for name, text in sorted(found.items()) if text}


def _deliveries(
    context: Context, known: pa.Table, known_by: pa.ChunkedArray, *, at: datetime, channel: str
) -> pa.Table:
    policy = context.settings.contact
    moments = _moments(context, policy, at=at) if policy and channel in policy.channels else {}
    zones = known[TIME_ZONE] if TIME_ZONE in known.column_names else pa.nulls(known.num_rows)
    names, rows = distinct(flat(zones))
    clocks = [zone_of({TIME_ZONE: name}, otherwise=context.zone) for name in names]
    answers = [delivery(policy, at=at, channel=channel, clock=clock) for clock in clocks]
    places = np.array(rows, np.int64)
    told: dict[object, int] = {}
    for row in np.flatnonzero(pc.is_in(known_by, value_set=pa.array(moments, pa.string()))):
        mine = moments[known_by[row].as_py()]
        key = (places[row], mine)
        if key not in told:
            told[key] = len(answers)
            met = contacted(mine)
            answers.append(delivery(policy, at=at, channel=channel, clock=clocks[places[row]], contacted=met))
        places[row] = told[key]
    return _delivery_table(known["customer"], pa.array(places), answers)


def _moments(context: Context, policy: ContactPolicy, *, at: datetime) -> Mapping[str, tuple[Moment, ...]]:
    """The contacts and events of each customer that the policy looks at; equal ones for equal mailings."""
    rows = moments_of(context.store, policy, at=at)
    columns = (_known_by(context, rows["customer"]), rows["name"], rows["key"], rows["time"])
    found: dict[str, list[Moment]] = {}
    for customer, name, key, time in zip(*(column.to_pylist() for column in columns), strict=True):
        found.setdefault(customer, []).append((name, key, time))
    # Which decision it was matters only within a customer: without it, all of one mailing are asked for once.
    return {
        customer: tuple(
            (name, "" if name else str(number), time)
            for number, (name, _, time) in enumerate(sorted(_firsts(mine), key=lambda each: each[2]))
        )
        for customer, mine in found.items()
    }


def _firsts(moments: Sequence[Moment]) -> Sequence[Moment]:
    """One moment a decision: its first."""
    first: dict[tuple[str, str], Moment] = {}
    for moment in sorted(moments, key=lambda each: each[2]):
        first.setdefault(moment[:2], moment)
    return list(first.values())


def _delivery_table(customers: pa.ChunkedArray, places: pa.Array, answers: Sequence[Delivery]) -> pa.Table:
    rows = [{"deliver": each.deliver, "hold_until": each.hold_until, "held_for": each.reason} for each in answers]
    found = pa.Table.from_pylist(rows, schema=pa.schema(list(DELIVERY)[1:])).take(places)
    return found.add_column(0, "customer", customers)
