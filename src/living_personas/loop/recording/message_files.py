"""Files of messages of other products' clients: read as the service reads them, and counted once with those."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from living_personas.channels.moments import Moments
from living_personas.channels.segment import KINDS
from living_personas.channels.weights import tables_of
from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Receipt
from living_personas.errors import IngestError
from living_personas.loop.context import Context
from living_personas.loop.recording.messages import PROTOCOLS, Protocol, ReadOne, read_rows
from living_personas.loop.recording.record import record
from living_personas.loop.recording.value_reading import has_earliest, intake_of, note_earliest
from living_personas.memory.people_records import TOKEN_SECRET
from living_personas.recipes.first_rows import FirstRows
from living_personas.sources.frames import open_rows
from living_personas.sources.rows import Row, Unreadable

__all__ = ["ingest_messages", "messages_among", "protocol_of", "spoken_in"]

_ID_OF: dict[Protocol, str] = {"segment": "messageId", "posthog": "uuid"}
"""The column that holds a message's id."""

_BATCH = "batch"
"""The key that holds the messages of a request."""


def spoken_in(rows: FirstRows) -> Protocol | None:
    """Whose messages the first rows of a file are: those of Segment's and RudderStack's clients, or of PostHog's."""
    said = messages_among(rows)
    return next((each for each in PROTOCOLS if said.typed and said.has(_ID_OF[each]) and _IS[each](said)), None)


def messages_among(rows: FirstRows) -> FirstRows:
    """The first messages of a file, of which whole requests hold several."""
    found = (message for row in rows.rows for message in _messages_of(row))
    return replace(rows, columns=(), rows=tuple(each for each in found if not isinstance(each, Unreadable)))


def _messages_of(row: Row) -> Iterator[Row | Unreadable]:
    """The messages of a request, each with the context that stands around them; a row that is none is one message."""
    batch = row.get(_BATCH)
    if not isinstance(batch, list) or any(name in row for name in _ID_OF.values()):
        yield row
        return
    around = {"context": row["context"]} if "context" in row else {}
    for each in batch:
        if isinstance(each, dict):
            yield {**around, **each}
        else:
            yield Unreadable(raw=json.dumps(each, default=str), detail="the message is no object")


def _is_segment(rows: FirstRows) -> bool:
    kinds = list(rows.values("type"))
    return bool(kinds) and all(kind in KINDS for kind in kinds)


def _is_posthog(rows: FirstRows) -> bool:
    inside = all(isinstance(said, dict) for said in rows.values("properties"))
    return inside and rows.has("event") and any(map(rows.has, ("distinct_id", "properties.distinct_id")))


_IS: dict[Protocol, Callable[[FirstRows], bool]] = {"segment": _is_segment, "posthog": _is_posthog}


def protocol_of(context: Context, source: str) -> Protocol | None:
    """The protocol that a source is, if the workspace declares none of that name."""
    declared = {each.name for each in context.settings.sources}
    return next((each for each in PROTOCOLS if each == source and each not in declared), None)


def _numbered(chunk: Iterable[Row | Unreadable], first: int) -> Iterator[tuple[int, Row | Unreadable]]:
    """Each message of some rows, with the number of its row."""
    for number, row in enumerate(chunk, start=first):
        for each in [row] if isinstance(row, Unreadable) else _messages_of(row):
            yield number, each


def ingest_messages(context: Context, file: Path, protocol: Protocol, *, received: datetime) -> Receipt:
    """Record the messages of a file as if a server had sent them, each once, also if it was sent before.

    Raises
    ------
    IngestError
        If its rows are no such messages.
    """
    rows = open_rows(file)
    if not rows.typed or all(rows.missing([each]) for each in (_ID_OF[protocol], _BATCH)):
        raise IngestError(
            f"The rows of {rows.name!r} are no messages of {protocol!r}: they have no {_ID_OF[protocol]!r}.",
            hint="such a file is JSON lines, a message each; declare a source for other rows under `sources:`.",
            where=rows.where,
        )
    total, done = Receipt(), 0
    for first, chunk in rows:
        one = ReadOne(
            protocol=protocol,
            moments=Moments(received=received),
            secret=TOKEN_SECRET.read(context.store) or b"",
            trusted=True,
            zone=context.zone,
            intake=intake_of(context, received=received),
        )
        events, bad = read_rows(_numbered(chunk, first), one)
        with context.store.commit():
            batch = EventBatch.of(events, zone=context.zone)
            if events and not has_earliest(context):
                note_earliest(context, [batch.events["time"].cast(pa.int64()).to_numpy()])
            total += record(context, batch, bad, received=received, policies=tables_of(events)).receipt
        done += len(chunk)
        total += Receipt(rows=len(chunk))
        context.progress(done, rows.total or done, f"rows of {rows.name}")
    return total
