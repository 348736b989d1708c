"""What was said becomes events, or refusals that keep the whole row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from living_personas.channels.email_providers.bursts import without_bursts
from living_personas.channels.email_providers.email_event import Read, Said
from living_personas.channels.email_providers.email_provider import Reader
from living_personas.channels.email_providers.machines import is_machine
from living_personas.channels.email_providers.provider_body import read_objects
from living_personas.channels.email_providers.provider_fields import LONGEST, moment, plain, text_at
from living_personas.domain.customer_id import customer_id, optional_id
from living_personas.domain.event import MACHINE_EVENTS, Event, Json, Quarantined, QuarantineReason
from living_personas.errors import BadValueError

__all__ = ["CHANNEL", "Mapper", "object_reader", "read_items"]

CHANNEL = "email"

Mapper = Callable[[Mapping[str, object]], Iterable[Said | str]]
"""What one item of a body says; a text is the kind of something that says nothing about a customer."""

_CUSTOMER = ("customer_id", "customerId", "user_id", "userId", "userid")
_DECISION = {"decision_id": ("decision_id", "decisionId"), "token": ("token", "decision_token")}
_SHOWN = 300
_LARGEST_ROW = 1 << 15


def object_reader(provider: str, mapper: Mapper) -> Reader:
    """The reader of a provider that sends JSON, one object or several."""

    def read(body: bytes, headers: Mapping[str, str], *, nobody: frozenset[str]) -> Read:  # noqa: ARG001 - every reader's form
        return read_items(provider, read_objects(body), mapper, nobody=nobody)

    return read


def read_items(provider: str, items: Iterable[object], mapper: Mapper, *, nobody: frozenset[str]) -> Read:
    """The events and refusals of a body's items; ``nobody`` are the words that name nobody."""
    events: list[Event] = []
    refusals: list[Quarantined] = []
    passed: list[str] = []
    for number, item in enumerate(items, start=1):
        if not isinstance(item, Mapping):
            refusals.append(_refused(provider, number, item, "unreadable row", "it is no JSON object"))
            continue
        for said in mapper(item):
            if isinstance(said, str):
                passed.append(plain(said)[:LONGEST] or "unnamed")
            else:
                found = _event(provider, said, nobody)
                if isinstance(found, Event):
                    events.append(found)
                else:
                    refusals.append(_refused(provider, number, item, *found))
    return Read(events=without_bursts(events), refusals=tuple(refusals), passed=tuple(passed))


def _event(provider: str, said: Said, nobody: frozenset[str]) -> Event | tuple[QuarantineReason, str]:
    time = moment(said.time)
    if not said.key:
        return "missing message id", "nothing makes it unique"
    try:
        customer = _customer(said, nobody)
    except BadValueError as error:
        return error.reason, error.message
    if said.time in (None, ""):
        return "missing time", "it does not say when it happened"
    if time is None:
        return "bad time", f"{str(said.time)[:60]!r} is no time"
    if len(said.key) > LONGEST:
        return "too large", f"the id is longer than {LONGEST} characters"
    return _made(provider, said, customer=customer, time=time)


def _made(provider: str, said: Said, *, customer: str, time: datetime) -> Event:
    opened = said.name == "Email Opened"
    machine = said.name in MACHINE_EVENTS and (said.machine or is_machine(opened=opened, agent=said.agent, ip=said.ip))
    properties: dict[str, Json] = {"provider": provider}
    for name, text in (("mail", said.mail), ("link", said.link), ("reason", said.reason)):
        if text:
            properties[name] = text[:_SHOWN]
    for name, keys in _DECISION.items():
        if found := _first(said.given, keys)[:LONGEST]:
            properties[name] = found
    if machine:
        properties["machine"] = True
    return Event(
        message_id=f"{provider}:{said.key}",
        customer=customer,
        name=MACHINE_EVENTS[said.name] if machine else said.name,
        time=time,
        channel=CHANNEL,
        properties=properties,
    )


def _customer(said: Said, nobody: frozenset[str]) -> str:
    """The id that the sender put into the mail, or else the address that it went to."""
    ids = (optional_id(said.given.get(key), nobody=nobody) for key in _CUSTOMER)
    return customer_id(next(filter(None, ids), "") or _address(said.address), nobody=nobody)


def _first(given: Mapping[str, object], keys: Iterable[str]) -> str:
    return next((text for key in keys if (text := text_at(given, key))), "")


def _address(said: str) -> str:
    """The bare address, lower-cased, of ``Ann <Ann@Example.com>``."""
    bare = said.rpartition("<")[2].rstrip("> ").strip().lower()
    return bare if "@" in bare else ""


def _refused(provider: str, number: int, item: object, reason: QuarantineReason, detail: str) -> Quarantined:
    payload = json.dumps(item, sort_keys=True)
    return Quarantined(
        source=f"email/{provider}",
        row=number,
        reason=reason,
        detail=detail,
        payload=payload if len(payload) <= _LARGEST_ROW else payload[:_LARGEST_ROW],
    )
