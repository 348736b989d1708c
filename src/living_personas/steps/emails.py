"""What an e-mail provider reports is recorded, each thing once; bursts of clicks are seen over several bodies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from living_personas.channels.email_providers.bursts import SECONDS, Click, clicks_of, without_bursts
from living_personas.channels.email_providers.registry import PROVIDERS
from living_personas.channels.email_providers.said import Read
from living_personas.domain.event import Event, Receipt
from living_personas.errors import UnknownNameError
from living_personas.steps.parts import Parts
from living_personas.steps.record import keep, record_events

__all__ = ["record_emails", "told_apart"]

CLICKS = "email/clicks"
"""The fact that holds who clicked in the last seconds, as hashes: ``[[hash, message, seconds], ...]``."""

MOST = 5_000
"""Clicks that are remembered at most: enough for a mailing that is scanned at 500 clicks a second."""


def record_emails(
    parts: Parts, provider: str, body: bytes, headers: Mapping[str, str], *, received: datetime
) -> tuple[Read, Receipt]:
    """Read a body that was proven to come from a provider, and record what it says.

    A click that turns out to belong to a burst is recorded as a machine's; those of the same burst that came in earlier
    bodies, before it could be told, stay a person's: at most two.

    Raises
    ------
    WebhookError
        If the body cannot be read at all.
    """
    if provider not in PROVIDERS:
        raise UnknownNameError.among("e-mail provider", provider, PROVIDERS)
    found = PROVIDERS[provider].read(body, headers, received=received)
    found = replace(found, events=told_apart(parts, found.events))
    receipt = record_events(parts, found.events, received=received) + keep(parts, found.refusals, received=received)
    return found, receipt


def told_apart(parts: Parts, events: Sequence[Event]) -> tuple[Event, ...]:
    """The events of one body, with the clicks of a burst as a machine's; who clicked just now is remembered."""
    events = tuple(events)
    if not clicks_of(events):
        return events
    block = parts.store.facts.get(CLICKS)
    held: list[tuple[str, str, float]] = [tuple(each) for each in json.loads(block)] if block else []
    own = {event.message_id for event in events}
    hashes = {_hash(parts, event.customer): event.customer for event in events}
    told = without_bursts(events, earlier=_known(held, hashes, but=own))
    fresh = [
        (_hash(parts, customer), event.message_id, time.timestamp())
        for event in events
        for customer, time in clicks_of([event])
    ]
    newest = max(seconds for _, _, seconds in fresh)
    kept = {each for each in (*held, *fresh) if each[2] > newest - 2 * SECONDS}
    last = sorted(kept, key=lambda each: each[2])[-MOST:]
    parts.store.facts.set({CLICKS: json.dumps(last).encode()})
    return told


def _known(held: Iterable[tuple[str, str, float]], hashes: Mapping[str, str], *, but: set[str]) -> tuple[Click, ...]:
    """The clicks of these customers that earlier bodies brought."""
    return tuple(
        (hashes[hash_], datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
        for hash_, message, seconds in held
        if hash_ in hashes and message not in but
    )


def _hash(parts: Parts, customer: str) -> str:
    return sha256(f"{parts.settings.salt}|{customer}".encode()).hexdigest()[:16]
