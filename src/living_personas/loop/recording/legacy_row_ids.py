"""Rows that an older version recorded by file name and row number are found again by what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EventBatch
from living_personas.domain.customer_id import customer_id
from living_personas.domain.event import Json
from living_personas.domain.number_text import number
from living_personas.domain.persona import EVER
from living_personas.domain.settings import Source
from living_personas.errors import BadValueError
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.relations import filtered, row_count
from living_personas.memory.records import ROWS_BEFORE, ROWS_TOLD_BY
from living_personas.memory.tables import EVENTS
from living_personas.ports import Relation
from living_personas.sources.row_ids import MARK

__all__ = ["RowsBefore", "has_rows_before"]

_ONLY_DAYS = (time(), time(12), time(23, 59, 59, 999999))
"""What stands for a day without a time, now and before."""


def has_rows_before(context: Context, source: Source) -> bool:
    """Whether an older version recorded rows of a source; found out when the first are read by what they say."""
    if source.message_id is not None:
        return False
    if ROWS_TOLD_BY.read(context.store, source.name) is None:
        seal_waiting(context)
        if row_count(EVENTS.all(context.store), _of_before(source)):
            ROWS_BEFORE.write(context.store, source.name, found=True)
    return ROWS_BEFORE.read(context.store, source.name) is True


class RowsBefore:
    """Gives events of one file the ids that they have if they were recorded before, each id once."""

    def __init__(self, context: Context, source: Source) -> None:
        self._context = context
        self._source = source
        self._taken: set[str] = set()

    def found_again(self, batch: EventBatch) -> EventBatch:
        """The same events; those that were recorded before have the ids of then, so that they add nothing."""
        if not len(batch):
            return batch
        held = self._held(batch)
        now, ids = _column(batch.events, "message_id"), []
        for id_, said in zip(now, self._all_said(batch.events), strict=True):
            before = held.get(said, [])
            while before and before[0] in self._taken:
                before.pop(0)
            if before:
                self._taken.add(before[0])
            ids.append(before.pop(0) if before else id_)
        if ids == now:
            return batch
        of_now = dict(zip(reversed(now), reversed(ids), strict=True))  # the first with an id brings its exposures
        met = [of_now[id_] for id_ in _column(batch.exposures, "message_id")]
        return EventBatch(events=_with_ids(batch.events, ids), exposures=_with_ids(batch.exposures, met))

    def _held(self, batch: EventBatch) -> dict[object, list[str]]:
        rows = filtered(self._nearby(batch), _of_before(self._source), EVENTS.schema)
        found: dict[object, list[str]] = {}
        for id_, said in zip(_column(rows, "message_id"), self._all_said(rows), strict=True):
            found.setdefault(said, []).append(str(id_))
        return found

    def _nearby(self, batch: EventBatch) -> Relation:
        """The events of the same days; of every day where rows are spread over days by their ids."""
        seal_waiting(self._context)
        if self._source.time.column is None:
            return EVENTS.read(self._context.store, EVER, date.max)
        days = pc.min_max(batch.events["day"]).as_py()
        return EVENTS.read(self._context.store, days["min"], days["max"])

    def _all_said(self, events: pa.Table) -> Iterator[object]:
        columns = (_column(events, name) for name in ("customer", "name", "time", "properties"))
        for customer, name, micros, properties in zip(*columns, strict=True):
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
            yield self._said(customer, name, moment, json.loads(properties))

    def _said(self, customer: str, name: str, moment: datetime, properties: Mapping[str, Json]) -> object:
        """What makes two events the same, however their values were read."""
        local = moment.astimezone(self._context.zone)
        when: object = local.date() if local.time() in _ONLY_DAYS else moment
        said = tuple((key, self._plain(properties[key])) for key in sorted(properties))
        return _id(customer), name, None if self._source.time.column is None else when, said

    def _plain(self, said: Json) -> object:
        try:
            return number(said, decimal=self._source.decimal)
        except BadValueError:
            return str(said)


def _of_before(source: Source) -> pc.Expression:
    ids = pc.field("message_id")
    by_content = pc.starts_with(ids, f"{source.name}:{MARK}")
    return pc.starts_with(ids, f"{source.name}:") & ~by_content


def _column(rows: pa.Table, name: str) -> list[Any]:
    column = rows[name].cast(pa.int64()) if name == "time" else rows[name]
    found: list[Any] = column.to_pylist()
    return found


def _with_ids(rows: pa.Table, ids: list[str]) -> pa.Table:
    place = rows.schema.get_field_index("message_id")
    return rows.set_column(place, rows.schema.field(place), pa.array(ids, pa.string()))


def _id(customer: str) -> str:
    try:
        return customer_id(customer, nobody=frozenset())
    except BadValueError:
        return customer
