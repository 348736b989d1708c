"""What an e-mail provider reports is recorded, each thing once; bursts of clicks are seen over several bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from living_personas.channels.email_providers.bursts import SECONDS, Click, clicks_of, without_bursts
from living_personas.domain.event import Event
from living_personas.loop.context import Context
from living_personas.memory.records import CLICKS

__all__ = ["clicks_of_ids", "forget_clicks", "told_apart"]

MOST = 5_000
"""Clicks that are remembered at most: enough for a mailing that is scanned at 500 clicks a second."""


def told_apart(context: Context, events: Sequence[Event]) -> tuple[Event, ...]:
    """The events of one body, with the clicks of a burst as a machine's; who clicked just now is remembered."""
    events = tuple(events)
    if not clicks_of(events):
        return events
    held = CLICKS.read(context.store) or []
    own = {event.message_id for event in events}
    hashes = {_hash(context, event.customer): event.customer for event in events}
    told = without_bursts(events, earlier=_known(held, hashes, but=own))
    fresh = [
        (_hash(context, customer), event.message_id, time.timestamp())
        for event in events
        for customer, time in clicks_of([event])
    ]
    newest = max(seconds for _, _, seconds in fresh)
    kept = {each for each in (*held, *fresh) if each[2] > newest - 2 * SECONDS}
    CLICKS.write(context.store, sorted(kept, key=lambda each: each[2])[-MOST:])
    return told


def clicks_of_ids(context: Context, ids: Iterable[str]) -> list[tuple[str, float]]:
    """The clicks of these ids just now: message ids and seconds since 1970."""
    theirs = {_hash(context, id_) for id_ in ids}
    return [(message, seconds) for hash_, message, seconds in CLICKS.read(context.store) or [] if hash_ in theirs]


def forget_clicks(context: Context, ids: Iterable[str]) -> None:
    """Forget that these ids clicked just now."""
    held, gone = CLICKS.read(context.store) or [], {_hash(context, id_) for id_ in ids}
    if any(hash_ in gone for hash_, _, _ in held):
        CLICKS.write(context.store, [each for each in held if each[0] not in gone])


def _known(held: Iterable[tuple[str, str, float]], hashes: Mapping[str, str], *, but: set[str]) -> tuple[Click, ...]:
    """The clicks of these customers that earlier bodies brought."""
    return tuple(
        (hashes[hash_], datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
        for hash_, message, seconds in held
        if hash_ in hashes and message not in but
    )


def _hash(context: Context, customer: str) -> str:
    return sha256(f"{context.settings.salt}|{customer}".encode()).hexdigest()[:16]
