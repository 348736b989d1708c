"""Who is who at the end of a cycle: customers, their features, and the persona of each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from living_personas.ports import Relation
from living_personas.steps.fold import customers_before
from living_personas.steps.memberships import keep_memberships
from living_personas.steps.parts import Parts

__all__ = ["CUSTOMERS", "known_of", "member_counts", "sizes", "take_stock"]

CUSTOMERS = "customers"
"""The kind of partition that holds the newest customers table."""

SIZES = "sizes"
"""The fact that holds how many customers each persona held on the last days on which stock was taken."""

SIZES_KEPT = 120


def take_stock(parts: Parts, day: date) -> pa.Table:
    """Keep what is known of every customer at the end of ``day``, with the persona of each; only the newest is kept."""
    customers = customers_before(parts, day + timedelta(days=1))
    members = parts.engine.members(customers, personas=parts.personas)
    table = customers.append_column("persona", members["persona"]).append_column("matches", members["matches"])
    old: dict[date, pa.Table] = {each: table.slice(0, 0) for each in parts.store.partitions.days(CUSTOMERS)}
    parts.store.partitions.replace(CUSTOMERS, old | {day: table})
    keep_memberships(parts, table, day)
    kept = dict(sorted({**sizes(parts), day: _counted(table["persona"])}.items())[-SIZES_KEPT:])
    written = {each.isoformat(): counts for each, counts in kept.items()}
    parts.store.facts.set({SIZES: json.dumps(written, sort_keys=True).encode()})
    return table


def known_of(parts: Parts, customer: str) -> Mapping[str, object]:
    """What was known of a customer when stock was last taken: features and traits by name; empty if nothing."""
    days = parts.store.partitions.days(CUSTOMERS)
    if not days:
        return {}
    rows = _rows_of(parts.store.partitions.read(CUSTOMERS, days[-1], days[-1]), _canonical(parts, customer))
    return {name: value for name, value in (rows[0] if rows else {}).items() if name not in ("customer", "matches")}


def member_counts(parts: Parts) -> Counter[str] | None:
    """How many customers each persona holds, ``unmatched`` among them; None if stock was never taken."""
    days = parts.store.partitions.days(CUSTOMERS)
    if not days:
        return None
    counted = sizes(parts).get(days[-1])
    if counted is not None:
        return Counter(counted)
    relation = parts.store.partitions.read(CUSTOMERS, days[-1], days[-1])
    data = ds.dataset(list(relation)) if isinstance(relation, tuple) else ds.dataset(relation)
    return _counted(data.to_table(columns=["persona"])["persona"])


def sizes(parts: Parts) -> Mapping[date, Mapping[str, int]]:
    """How many customers each persona held, on the days on which stock was taken."""
    block = parts.store.facts.get(SIZES)
    written: dict[str, dict[str, int]] = json.loads(block) if block else {}
    return {date.fromisoformat(day): counts for day, counts in written.items()}


def _counted(personas: pa.ChunkedArray) -> Counter[str]:
    return Counter({str(row["values"]): int(row["counts"]) for row in personas.value_counts().to_pylist()})


def _rows_of(relation: Relation, customer: str) -> list[dict[str, object]]:
    data = ds.dataset(list(relation)) if isinstance(relation, tuple) else ds.dataset(relation)
    rows: list[dict[str, object]] = data.to_table(filter=pc.field("customer") == customer).to_pylist()
    return rows


def _canonical(parts: Parts, customer: str) -> str:
    links = parts.store.inbox.links()
    found = links.filter(pc.equal(links["id"], customer))["customer"].to_pylist()
    return str(found[0]) if found else customer
