"""Messages of other products' clients: each is read alone, and becomes what is to be recorded or a quarantined row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Literal, TypeAlias

from living_personas.channels.exposure_tokens import with_exposures
from living_personas.channels.moments import Moments
from living_personas.channels.posthog import read_posthog
from living_personas.channels.segment import read_segment
from living_personas.channels.weights import tables_of
from living_personas.domain.event import BROWSER, SENT_FROM, Event, Quarantined, Receipt
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.record import record
from living_personas.loop.value_reading import intake_of
from living_personas.memory.records import TOKEN_SECRET
from living_personas.sources.intake import Intake
from living_personas.sources.json_text import read_object
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.values import LARGEST

__all__ = ["PROTOCOLS", "Protocol", "Read", "ReadOne", "read_text", "replay_messages"]

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
    """How the messages of a request are read: their protocol, when they came, and how far the sender is trusted."""

    protocol: Protocol
    moments: Moments
    secret: bytes
    trusted: bool
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
        first, *others = map(self.intake.read, (first, *others))
        met = with_exposures(first, secret=self.secret, received=self.moments.received, trusted=self.trusted)
        return (met, *others) if self.trusted else tuple(map(_from_browser, (met, *others)))

    def _bad(self, reason: Literal["too large"], detail: str, text: str) -> Quarantined:
        return Quarantined(source=self.protocol, row=0, reason=reason, detail=detail, payload=text)


def _from_browser(event: Event) -> Event:
    """The event, marked as one that anybody could have sent, whatever it says of itself."""
    return replace(event, properties={**(event.properties or {}), SENT_FROM: BROWSER})


def read_text(text: str, one: ReadOne) -> Read:
    """What the text of a message is."""
    row: Row = {}
    try:
        row = read_object(text)
        return one.understood(row)
    except BadRowError as error:
        reason, detail = error.reason, error.detail
    except ValueError as error:
        reason, detail = "unreadable row", str(error)
    said = row.get("messageId") or row.get("uuid")
    id_ = said if isinstance(said, str) else ""
    return Quarantined(
        source=one.protocol, row=0, reason=reason, detail=detail[:_LONGEST_DETAIL], payload=text, message_id=id_
    )


def replay_messages(context: Context, protocol: Protocol, *, received: datetime) -> Receipt:
    """Read the quarantined messages of a protocol again, and record those that pass.

    Without what stood around them, their times are taken as they were said, exposures need their tokens, and
    outcomes are taken as what a browser sent.
    """
    held = context.store.quarantine.rows(source=protocol)
    one = ReadOne(
        protocol=protocol,
        moments=Moments(received=received),
        secret=TOKEN_SECRET.read(context.store) or b"",
        trusted=False,
        intake=intake_of(context, received=received),
    )
    read = [(row, read_text(row.payload, one)) for row in held]
    mended = [(row, found) for row, found in read if not isinstance(found, Quarantined)]
    total = Receipt(received=len(read) - len(mended), quarantined=len(read) - len(mended))
    events = [event for _, found in mended for event in found]
    with context.store.commit():
        recorded = record(context, events, received=received, policies=tables_of(events))
        context.store.quarantine.release([row for row, _ in mended])
    if mended:
        new = iter(recorded.stored)
        first = [is_new for is_new, *_ in ([next(new) for _ in found] for _, found in mended)]
        gone = iter(recorded.refused or [False] * len(recorded.stored))
        refused = sum(is_gone for is_gone, *_ in ([next(gone) for _ in found] for _, found in mended))
        again = len(first) - sum(first) - refused
        total += Receipt(received=len(first), stored=sum(first), duplicate=again, refused=refused)
    return total


_LONGEST_DETAIL = 500
