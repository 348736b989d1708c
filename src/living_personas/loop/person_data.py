"""All that is kept of one customer, as it is kept: for whoever asks what is known of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import date, datetime
from functools import reduce
from operator import or_

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.event import Json
from living_personas.domain.forgotten import names_any
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.forgetting import ids_of, note_act, read_ids
from living_personas.loop.notes import notes_naming
from living_personas.loop.privacy.customer_tables import customer_tables
from living_personas.loop.recording.click_bursts import clicks_of_ids
from living_personas.loop.relations import filtered
from living_personas.memory.table import Table

__all__ = ["PersonRow", "as_lines", "export_person", "rows_of"]


@value
class PersonRow:
    """One row about a customer, and what it is a row of: a table of ``memory``, or what the store keeps of its own."""

    of: str
    row: dict[str, Json]


def export_person(context: Context, asked: str | int, *, by: str, at: datetime) -> tuple[PersonRow, ...]:
    """Every row about a customer, under all of its ids, from the declarations of what is kept; none if none is.

    Who asked, and when, is written down; not about whom.

    Raises
    ------
    BadValueError
        If a text is no id.
    """
    [id_] = read_ids(context, [str(asked)])
    seal_waiting(context)
    ids, _ = ids_of(context, [id_])
    found = (*_rows(context, ids), *_of_the_store(context, ids))
    note_act(context, "exported", by=by, at=at, customers=1)
    return found


def as_lines(found: Collection[PersonRow]) -> Iterator[str]:
    """The rows as JSON lines."""
    yield from (json.dumps({"of": each.of, **each.row}, ensure_ascii=False) + "\n" for each in found)


def rows_of(context: Context, table: Table, ids: Collection[str]) -> pa.Table:
    """The rows of a table in which a customer is named by any of these ids."""
    names = pa.array(sorted(ids), pa.string())
    theirs = reduce(or_, [pc.field(name).isin(names) for name in table.customers])
    return filtered(table.all(context.store), theirs, table.schema)


def _rows(context: Context, ids: Collection[str]) -> Iterator[PersonRow]:
    """The rows of tables in which they are named."""
    for table in customer_tables(context.store):
        for row in rows_of(context, table, ids).to_pylist():
            yield PersonRow(of=table.name, row=_plain(row))


def _of_the_store(context: Context, ids: Collection[str]) -> Iterator[PersonRow]:
    """What a store keeps beside tables."""
    for link in context.store.inbox.links_made(ids):
        yield PersonRow(of="link", row=dict(link._asdict()))
    for word in _words(context, ids):
        yield PersonRow(of="consent", row=_plain(word))
    for bad in context.store.quarantine.rows():
        if names_any(bad, ids):
            told: dict[str, object] = {"source": bad.source, "row": bad.row, "reason": bad.reason}
            said: dict[str, object] = {"detail": bad.detail, "payload": bad.payload, "message_id": bad.message_id}
            yield PersonRow(of="quarantined", row=_plain(told | said))
    for number, note in notes_naming(context.store, ids):
        said = {"persona": note.persona, "about": note.about, "text": note.text, "by": note.by, "at": note.at}
        yield PersonRow(of="note", row=_plain({"number": number, **said}))
    for message_id, seconds in clicks_of_ids(context, ids):
        yield PersonRow(of="email/clicks", row={"message_id": message_id, "time": seconds})


def _words(context: Context, ids: Collection[str]) -> Iterator[dict[str, object]]:
    """Their last word on each consent on each day, newest first."""
    before: date | None = None
    seen: set[tuple[object, ...]] = set()
    while rows := context.store.consents.last(ids, before=before).to_pylist():
        new = [row for row in rows if (row["customer"], row["name"], row["day"]) not in seen]
        seen.update((row["customer"], row["name"], row["day"]) for row in new)
        yield from new
        before = max(row["day"] for row in rows)


def _plain(row: dict[str, object]) -> dict[str, Json]:
    """Moments and days as texts; not a number is nothing."""
    return {name: _said(each) for name, each in row.items()}


def _said(each: object) -> Json:
    if isinstance(each, datetime | date):
        return each.isoformat()
    if isinstance(each, bytes):
        return each.decode(errors="replace")
    if isinstance(each, float):
        return each if each == each else None  # noqa: PLR0124 - NaN is not itself
    if isinstance(each, dict):
        return {str(name): _said(one) for name, one in each.items()}
    if isinstance(each, list):
        return [_said(one) for one in each]
    return each if isinstance(each, str | int | bool) or each is None else str(each)
