"""Step 1: events are recorded once, and every row has a named fate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from living_personas.channels.weights import tables_of
from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Event, Quarantined, Receipt
from living_personas.errors import IngestError
from living_personas.steps.fates import count_fates
from living_personas.steps.parts import Parts
from living_personas.steps.seen import note_seen

__all__ = [
    "COMPLETE",
    "POLICY",
    "complete_through",
    "keep",
    "last_complete",
    "record_all",
    "record_batch",
    "record_events",
    "register_policies",
]

POLICY = "policy/"
"""Facts of this prefix hold the shares of logged policies, as JSON."""

COMPLETE = "complete/"
"""Facts of this prefix hold the last day of each source whose outcomes are final."""


def record_events(parts: Parts, events: Sequence[Event], *, received: datetime) -> Receipt:
    """Record events; each is stored or was there already."""
    return record_batch(parts, EventBatch.of(events, zone=parts.zone), received=received)


def record_batch(parts: Parts, batch: EventBatch, *, received: datetime) -> Receipt:
    """Record events that are in columns already."""
    if not len(batch):
        return Receipt()
    with parts.store.commit():
        stored = parts.store.inbox.record(batch, received=received)
        note_seen(parts, batch)
        return count_fates(parts, _receipt(stored, ()), parts.today(received))


def record_all(
    parts: Parts, events: Sequence[Event], rows: Sequence[Quarantined], *, received: datetime
) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Record events and bad rows in one transaction: which of the events, and which of the rows, were new."""
    batch = EventBatch.of(events, zone=parts.zone)
    with parts.store.commit():
        register_policies(parts, tables_of(events))
        stored = parts.store.inbox.record(batch, received=received) if events else ()
        held = parts.store.quarantine.put(rows) if rows else ()
        note_seen(parts, batch)
        count_fates(parts, _receipt(stored, held), parts.today(received))
    return stored, held


def keep(parts: Parts, rows: Sequence[Quarantined], *, received: datetime) -> Receipt:
    """Put rows that cannot be recorded into quarantine; a row that lies there already is a duplicate."""
    if not rows:
        return Receipt()
    with parts.store.commit():
        held = parts.store.quarantine.put(rows)
        return count_fates(parts, _receipt((), held), parts.today(received))


def register_policies(parts: Parts, policies: Mapping[str, Mapping[str, float]]) -> None:
    """Remember the shares of logged policies.

    Raises
    ------
    IngestError
        If a policy is known with another share of an option: evidence of both would be mixed up.
    """
    for policy, shares in policies.items():
        block = parts.store.facts.get(POLICY + policy)
        known: dict[str, float] = json.loads(block) if block else {}
        for option, share in shares.items():
            if abs(known.setdefault(option, share) - share) > 1e-9:
                raise IngestError(
                    f"Policy {policy!r} gave option {option!r} the share {known[option]!r} before, and now {share!r}.",
                    hint="map a `policy` column that tells them apart, or give the new experiment a source of its own.",
                )
        if sum(known.values()) > 1 + 1e-6:
            raise IngestError(
                f"The shares of policy {policy!r} add up to {sum(known.values()):.4f}: {known!r}.",
                hint="check the `propensity` of the source; shares of one policy add up to 1.",
            )
        parts.store.facts.set({POLICY + policy: json.dumps(known, sort_keys=True).encode()})


def complete_through(parts: Parts, source: str, day: date) -> None:
    """Remember that the outcomes of a source's rows up to ``day`` are final."""
    known = parts.day_fact(COMPLETE + source)
    parts.store.facts.set({COMPLETE + source: max(day, known or day).isoformat().encode()})


def last_complete(parts: Parts) -> Iterable[date]:
    """The last final day of every source that said so."""
    days = (parts.day_fact(key) for key in parts.store.facts.keys(COMPLETE))
    return [day for day in days if day]


def _receipt(stored: Sequence[bool], held: Sequence[bool]) -> Receipt:
    """What became of events, and of bad rows: each is new or was there already."""
    received = len(stored) + len(held)
    new, bad = sum(stored), sum(held)
    return Receipt(received=received, stored=new, quarantined=bad, duplicate=received - new - bad)
