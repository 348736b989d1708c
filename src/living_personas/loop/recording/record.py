"""Step 1: events are recorded once, and every row has a named fate. There is one way in, and it is one commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import pyarrow as pa

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Event, Quarantined, Receipt
from living_personas.domain.forgotten import ERASED
from living_personas.domain.value import value
from living_personas.errors import IngestError
from living_personas.loop.context import Context
from living_personas.loop.event_days.old_days import note_old_days
from living_personas.loop.event_days.seen import note_left_out, note_seen
from living_personas.loop.privacy.consent import note_consents
from living_personas.loop.privacy.tombstones import admitted, admitted_rows, filled
from living_personas.loop.recording.quarantine_room import FULL, hold
from living_personas.loop.recording.receipts import count_receipt
from living_personas.loop.recording.too_late import countable, rows_of, unrecorded
from living_personas.memory.records import COMPLETE, POLICIES
from living_personas.sources.shares import CONTEXTS

__all__ = ["Recorded", "complete_through", "record", "record_pieces", "register_policies"]


@value
class Recorded:
    """Which of the events, and which of the bad rows, were new; ``news`` are the new events in columns.

    ``count`` is how many events were ever recorded, these among them. ``late`` says which were put in quarantine, as
    their day is not counted again. ``refused`` and ``refused_rows`` say why events are not kept and rows are not held
    (``ERASED``, ``FULL``, or empty). Each of the three is empty if there is none.
    """

    stored: tuple[bool, ...]
    held: tuple[bool, ...]
    news: EventBatch
    count: int
    late: tuple[bool, ...] = ()
    refused: tuple[str, ...] = ()
    refused_rows: tuple[str, ...] = ()

    @property
    def receipt(self) -> Receipt:
        """What became of all of them: each is new, or was there already, or is refused."""
        received = len(self.stored) + len(self.held)
        new, bad = sum(self.stored), sum(self.held) + sum(self.late)
        gone = sum(map(bool, (*self.refused, *self.refused_rows)))
        again = received - new - bad - gone
        return Receipt(received=received, stored=new, quarantined=bad, refused=gone, duplicate=again)


def record(
    context: Context,
    events: Sequence[Event] | EventBatch = (),
    rows: Sequence[Quarantined] = (),
    *,
    received: datetime,
    policies: Mapping[str, Mapping[str, float]] | None = None,
) -> Recorded:
    """Record events once, and rows that cannot be events in quarantine: all of it, or nothing and an error.

    Parameters
    ----------
    events
        As values, or in columns already.
    policies
        The shares of the policies that the events name.

    Raises
    ------
    IngestError
        If a policy is known with other shares.
    """
    batch = events if isinstance(events, EventBatch) else EventBatch.of(events, zone=context.zone)
    with context.store.commit():
        register_policies(context, policies or {})
        admitted_events, erased = admitted(context, batch)
        kept, too_late = countable(context, admitted_events)
        stored = context.store.inbox.record(kept, received=received) if len(kept) else ()
        late, full = _hold_late(context, admitted_events, too_late, received=received)
        held, refused_rows = _hold(context, rows, received=received)
        news = _new(kept, stored)
        if len(news):
            note_seen(context, news)
            note_left_out(context, news.events)
            note_old_days(context, news.events)
            note_consents(context, news.events, received=received)
        found = Recorded(
            stored=filled(filled(stored, too_late), erased),
            held=held,
            news=news,
            count=context.store.inbox.recorded(),
            late=filled(late, erased) if late else (),
            refused=_reasons(full, erased),
            refused_rows=refused_rows,
        )
        count_receipt(context, found.receipt, context.today(received))
    return found


def record_pieces(context: Context, pieces: Iterable[EventBatch], *, received: datetime) -> Receipt:
    """Record events that come in pieces: all of them, or none and an error; what became of all together."""
    with context.store.commit():
        return sum((record(context, piece, received=received).receipt for piece in pieces), Receipt())


def _hold(
    context: Context, rows: Sequence[Quarantined], *, received: datetime
) -> tuple[tuple[bool, ...], tuple[str, ...]]:
    """Which of the bad rows are new in quarantine, and why each of the others is refused; empty if none is."""
    admitted, erased = admitted_rows(context, rows)
    held, refused = hold(context, admitted, received=received, day=context.today(received))
    if not any(refused) and not any(erased):
        return held, ()
    no_room = iter(refused)
    why = tuple(ERASED if gone else FULL if next(no_room) else "" for gone in erased or [False] * len(rows))
    return filled(held, erased), why


def _hold_late(
    context: Context, batch: EventBatch, late: tuple[bool, ...], *, received: datetime
) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Which events that come too late are new in quarantine, and for which there is no room; empty if none does.

    What they say of consents holds all the same. An event that was recorded in time is a duplicate.
    """
    if not late:
        return (), ()
    new, is_old = unrecorded(context, batch, late)
    note_consents(context, new.events, received=received)
    held, refused = hold(context, rows_of(context, new), received=received, day=context.today(received))
    return filled(held, is_old), filled(refused, is_old)


def _reasons(full: Sequence[bool], erased: Sequence[bool]) -> tuple[str, ...]:
    """Why each event is refused; empty if none is."""
    if not any(full) and not any(erased):
        return ()
    told = iter(full or [False] * erased.count(False))
    return tuple(ERASED if gone else FULL if next(told) else "" for gone in erased or [False] * len(full))


def _new(batch: EventBatch, stored: Sequence[bool]) -> EventBatch:
    return batch if all(stored) else batch.only(pa.array(stored, pa.bool_()))


def register_policies(context: Context, policies: Mapping[str, Mapping[str, float]]) -> None:
    """Remember the shares of logged policies.

    Raises
    ------
    IngestError
        If a policy is known with another share of an option: evidence of both would be mixed up.
    """
    for policy, shares in policies.items():
        before = POLICIES.read(context.store, policy) or {}
        known = dict(before)
        for option, share in shares.items():
            if abs(known.setdefault(option, share) - share) > 1e-9:
                raise IngestError(
                    f"Policy {policy!r} gave option {option!r} the share {known[option]!r} before, and now {share!r}.",
                    hint=f"give a new experiment a source of its own; where shares depend on the customer: {CONTEXTS}.",
                )
        if sum(known.values()) > 1 + 1e-6:
            raise IngestError(
                f"The shares of policy {policy!r} add up to {sum(known.values()):.4f}: {known!r}.",
                hint="check the `propensity` of the source; shares of one policy add up to 1.",
            )
        if known != before:
            POLICIES.write(context.store, policy, dict(sorted(known.items())))


def complete_through(context: Context, source: str, day: date) -> None:
    """Remember that the outcomes of a source's rows up to ``day`` are final."""
    COMPLETE.write(context.store, source, max(day, COMPLETE.read(context.store, source) or day))
