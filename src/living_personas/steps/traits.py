"""What customers said of themselves last, straight from the events: nothing is copied anywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.event import IDENTIFY
from living_personas.domain.persona import EVER
from living_personas.ports import Relation
from living_personas.rules.parse import Kind
from living_personas.steps.parts import Parts

__all__ = ["filtered", "ids_of", "traits_of"]


def traits_of(
    parts: Parts,
    traits: Mapping[str, Kind],
    *,
    first: date = EVER,
    before: date | None = None,
    customers: Collection[str] | None = None,
) -> pa.Table:
    """The last known value of each trait: a row for each customer who ever said any, ``customer`` and the traits.

    Parameters
    ----------
    first, before
        Only what was said from ``first`` on, and before ``before`` (all that is sealed, unless given).
    customers
        Only these, by any of their ids; everybody unless given.
    """
    days = parts.store.partitions.days("events")
    end = before or (days[-1] + timedelta(days=1) if days else first)
    links = parts.store.inbox.links()
    said = pc.field("name") == IDENTIFY
    if customers is not None:
        said &= pc.field("customer").isin(ids_of(links, customers))
    events = filtered(parts.store.partitions.read("events", first, end - timedelta(days=1)), said, EVENT_SCHEMA)
    return parts.engine.features(end, events=events, links=links, features=(), traits=traits)


def filtered(relation: Relation, kept: pc.Expression, schema: pa.Schema) -> pa.Table:
    """The rows of a relation for which an expression is true; read no further than it needs."""
    if isinstance(relation, tuple) and not relation:
        return schema.empty_table()
    return ds.dataset(list(relation) if isinstance(relation, tuple) else relation).to_table(
        columns=schema.names, filter=kept
    )


def ids_of(links: pa.Table, customers: Collection[str]) -> pa.Array:
    """Every id of some customers, whichever of them they were named by."""
    named = pa.array(sorted(set(customers)), pa.string())
    whose = links.filter(pc.is_in(links["id"], value_set=named))["customer"]
    canonical = pa.array(sorted({*named.to_pylist(), *whose.to_pylist()}), pa.string())
    also = links.filter(pc.is_in(links["customer"], value_set=canonical))["id"]
    return pa.array(sorted({*canonical.to_pylist(), *also.to_pylist()}), pa.string())
