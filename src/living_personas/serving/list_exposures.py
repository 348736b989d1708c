"""What is recorded of a list that was sent: that everybody on it who might be contacted met what was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA, NOTHING_NEW, EventBatch
from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.event import EXPOSED
from living_personas.domain.listed import OF_A_CHOICE, OF_A_CUSTOMER
from living_personas.serving.list_decisions import ListDecisions, choice_column

__all__ = ["exposures_of"]


def exposures_of(found: ListDecisions, *, at: datetime, channel: str, zone: ZoneInfo) -> Iterator[EventBatch]:
    """The events that say that everybody on the list who may be contacted now was: one a customer; piece by piece.

    Each option counts, also one that shows nothing: so the comparison stays fair.
    """
    if not found.attributes:
        yield NOTHING_NEW
        return
    for piece in found.wide():
        yield _exposures(piece.filter(piece["deliver"]), found.attributes, at=at, channel=channel, zone=zone)


def _exposures(
    customers: pa.Table, attributes: Sequence[str], *, at: datetime, channel: str, zone: ZoneInfo
) -> EventBatch:
    local = at.astimezone(zone)
    rows = _by_choice(customers, attributes)
    exposures = _filled(
        _with_messages(rows), EXPOSURE_SCHEMA, {"time": at, "day": local.date(), "channel": channel, "stratum": ""}
    )
    said = pc.binary_join_element_wise('{"decision_id": "', customers["decision_id"], '"}', "")
    events = _filled(
        _with_messages(customers).append_column("properties", said),
        EVENT_SCHEMA,
        {"also": "", "name": EXPOSED, "time": at, "day": local.date(), "hour": local.hour, "channel": channel},
    )
    return EventBatch(events=events, exposures=exposures)


def _with_messages(rows: pa.Table) -> pa.Table:
    return rows.append_column("message_id", pc.binary_join_element_wise(rows["decision_id"], "listed", ":"))


def _by_choice(customers: pa.Table, attributes: Sequence[str]) -> pa.Table:
    """A row for each customer and attribute, in order of both, of a table with a row for each customer."""
    same = customers.select([CUSTOMER, *OF_A_CUSTOMER])
    rows = pa.concat_tables([_choices(same, customers, attribute) for attribute in attributes])
    places = np.tile(np.arange(len(same)), len(attributes))
    ordered = rows.take(pa.array(np.argsort(places, kind="stable")))  # within a customer they are in order already
    return ordered.filter(pc.is_valid(ordered["policy"]))


def _choices(same: pa.Table, customers: pa.Table, attribute: str) -> pa.Table:
    own = {name: customers[choice_column(attribute, name)] for name in OF_A_CHOICE}
    return pa.table(
        {**dict(zip(same.column_names, same.columns, strict=True)), "attribute": _same(attribute, len(same))} | own
    )


def _same(said: object, many: int, kind: pa.DataType | None = None) -> pa.Array:
    return pa.array([said], kind).take(pa.array([0] * many, pa.int32()))


def _filled(rows: pa.Table, schema: pa.Schema, same: Mapping[str, object]) -> pa.Table:
    """The rows in the columns of a schema, those of ``same`` alike for all."""
    columns = [
        _same(same[field.name], len(rows), field.type) if field.name in same else rows[field.name].cast(field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
