"""Messages of other products' clients: each is read alone, and becomes what is to be recorded or a quarantined row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Literal, TypeAlias

from living_personas.channels.exposure_tokens import with_exposures
from living_personas.channels.moments import Moments
from living_personas.channels.posthog import read_posthog
from living_personas.channels.segment import read_segment
from living_personas.channels.user_hash import bare_of_proof, hash_in, is_proof
from living_personas.channels.weights import tables_of
from living_personas.domain.event import BROWSER, SENT_FROM, Event, Quarantined, Receipt
from living_personas.domain.stranger import browser_id, is_browser_id
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.loop.recording.strangers import as_strangers
from living_personas.loop.recording.value_reading import intake_of
from living_personas.memory.people_records import TOKEN_SECRET
from living_personas.sources.intake import Intake
from living_personas.sources.json_text import read_object
from living_personas.sources.rows import BadRowError, Row, Unreadable
from living_personas.sources.values import LARGEST

__all__ = ["PROTOCOLS", "Protocol", "Read", "ReadOne", "read_rows", "read_text", "replay_messages"]

Protocol = Literal["segment", "posthog"]

_READERS: dict[Protocol, Callable[[Row, Moments, frozenset[str]], tuple[Event, ...]]] = {
    "segment": read_segment,
    "posthog": read_posthog,
}

PROTOCOLS: tuple[Protocol, ...] = tuple(_READERS)
"""The sources under which bad messages lie in quarantine."""

_ANYHOW = Intake()

Read: TypeAlias = tuple[Event, ...] | Quarantined
"""What one message is: its event first, and what else it says."""


@value
class ReadOne:
    """How the messages of a request are read: their protocol, when they came, and how far the sender is trusted.

    ``identity`` are the secrets by which browsers prove for whom they speak. The message ids of a sender that is not
    trusted are in a space of their own, unless it ``shares_ids``.
    """

    protocol: Protocol
    moments: Moments
    secret: bytes
    trusted: bool
    identity: Sequence[bytes] = ()
    shares_ids: bool = False
    zone: tzinfo = UTC
    intake: Intake = _ANYHOW
    kind: str = ""
    context: object = None

    def __call__(self, text: bytes) -> Read:
        """What a message is; never an error."""
        if len(text) > LARGEST:
            start = text[:LARGEST].decode("utf-8", "replace")
            return self._bad("too large", f"the event has {len(text)} bytes; at most {LARGEST} are read", start)
        return read_text(text.decode("utf-8", "surrogateescape"), self)

    def understood(self, row: Row) -> tuple[Event, ...]:
        """The events of a message that was taken apart."""
        if self.kind:
            row["type"] = self.kind
        if self.context is not None:
            row.setdefault("context", self.context)
        first, *others = _READERS[self.protocol](row, self.moments, self.intake.nobody)
        first, *others = (bare_of_proof(self.intake.read(event)) for event in (first, *others))
        received = self.moments.received
        met = with_exposures(first, secret=self.secret, received=received, trusted=self.trusted, zone=self.zone)
        if self.trusted:
            return (met, *others)
        proof = hash_in(row)
        proven = bool(proof) and is_proof(proof, first.customer, secrets=self.identity)
        return tuple(self._from_browser(event, proven=proven) for event in (met, *others))

    def _from_browser(self, event: Event, *, proven: bool) -> Event:
        """The event, marked as one that anybody could have sent, whatever it says of itself."""
        marked = {**(event.properties or {}), SENT_FROM: BROWSER}
        id_ = event.message_id if event.exposures or self.shares_ids else browser_id(event.message_id)
        return replace(event, message_id=id_, properties=marked, proven=event.proven or proven)

    def _bad(self, reason: Literal["too large"], detail: str, text: str) -> Quarantined:
        return Quarantined(
            source=self.protocol, row=0, reason=reason, detail=detail, payload=text, message_id=self.id_of("")
        )

    def id_of(self, said: str) -> str:
        """The message id of what cannot be read, as it is kept: a browser's is one of a browser."""
        return said if self.trusted or self.shares_ids else browser_id(said)


def read_text(text: str, one: ReadOne) -> Read:
    """What the text of a message is."""
    row: Row = {}
    try:
        row = read_object(text)
        return one.understood(row)
    except BadRowError as error:
        return _refused(row, text, error, one)
    except ValueError as error:
        return _refused(row, text, BadRowError("unreadable row", str(error)), one)


def read_rows(rows: Iterable[tuple[int, Row | Unreadable]], one: ReadOne) -> tuple[list[Event], list[Quarantined]]:
    """What messages are that a file held, each with the number of its row."""
    events: list[Event] = []
    bad: list[Quarantined] = []
    for number, row in rows:
        if isinstance(row, Unreadable):
            bad.append(_in_line(_refused({}, row.raw, BadRowError(row.reason, row.detail), one), number))
            continue
        text = json.dumps(row, ensure_ascii=False, default=str)
        found = one(text.encode("utf-8", "surrogateescape"))
        if isinstance(found, Quarantined):
            bad.append(_in_line(found, number))
        else:
            events += found
    return events, bad


def _in_line(found: Quarantined, number: int) -> Quarantined:
    """A bad message of a file: it is told by what it says, as one that was sent is, and so both are held once."""
    return replace(found, detail=f"{found.detail[: _LONGEST_DETAIL - 20]} (row {number:,})")


def _refused(row: Row, text: str, error: BadRowError, one: ReadOne) -> Quarantined:
    said = row.get("messageId") or row.get("uuid")
    id_ = said if isinstance(said, str) else ""
    return Quarantined(
        source=one.protocol,
        row=0,
        reason=error.reason,
        detail=error.detail[:_LONGEST_DETAIL],
        payload=json.dumps(row, ensure_ascii=False, sort_keys=True) if row else text,
        message_id=one.id_of(id_),
    )


def replay_messages(context: Context, protocol: Protocol, *, received: datetime) -> Receipt:
    """Read the quarantined messages of a protocol again, and record those that pass.

    Without what stood around them, their times are taken as they were said, exposures need their tokens, and
    outcomes are taken as what a browser sent. What a browser sent has its message id, and proves nothing.
    """
    held = context.store.quarantine.rows(source=protocol)
    one = ReadOne(
        protocol=protocol,
        moments=Moments(received=received),
        secret=TOKEN_SECRET.read(context.store) or b"",
        trusted=False,
        shares_ids=True,
        zone=context.zone,
        intake=intake_of(context, received=received),
    )
    browsers = replace(one, shares_ids=False)
    read = [(row, read_text(row.payload, browsers if is_browser_id(row.message_id) else one)) for row in held]
    mended = [(row, found) for row, found in read if not isinstance(found, Quarantined)]
    total = Receipt(received=len(read) - len(mended), quarantined=len(read) - len(mended))
    with context.store.commit():
        told = [event for _, found in mended for event in found]
        events = _recordable(context, told, received=received)
        recorded = record(context, events, received=received, policies=tables_of(events))
        context.store.quarantine.release([row for row, _ in mended])
    if mended:
        new = iter(recorded.stored)
        first = [is_new for is_new, *_ in ([next(new) for _ in found] for _, found in mended)]
        gone = iter(recorded.refused or [""] * len(recorded.stored))
        refused = sum(bool(why) for why, *_ in ([next(gone) for _ in found] for _, found in mended))
        dated = iter(recorded.late or [False] * len(recorded.stored))
        late = sum(is_late for is_late, *_ in ([next(dated) for _ in found] for _, found in mended))
        again = len(first) - sum(first) - late - refused
        total += Receipt(received=len(first), stored=sum(first), duplicate=again, quarantined=late, refused=refused)
    return total


def _recordable(context: Context, events: Sequence[Event], *, received: datetime) -> Sequence[Event]:
    """The events in their order, those of browsers as they may be recorded; behind them the noes that these say."""
    from_browsers = [event for event in events if is_browser_id(event.message_id) or event.exposures]
    mended = as_strangers(context, from_browsers, received=received)
    of = dict(zip(map(id, from_browsers), mended, strict=False))
    return [*(of.get(id(event), event) for event in events), *mended[len(from_browsers) :]]


_LONGEST_DETAIL = 500
