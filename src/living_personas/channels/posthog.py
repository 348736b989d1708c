"""What PostHog's clients send: events by ``distinct_id`` and ``uuid``, with person properties inside."""

from __future__ import annotations

from living_personas.channels.fields import message_id_of, object_in, properties_in
from living_personas.channels.moments import Moments
from living_personas.domain.customer_id import NOBODY
from living_personas.domain.event import ALIAS, IDENTIFY, Event, Json
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.values import id_in, text_of

__all__ = ["key_in", "read_posthog"]

_NAMES = {
    "$identify": IDENTIFY,
    "$set": IDENTIFY,
    "$create_alias": ALIAS,
    "$merge_dangerously": ALIAS,
    "$pageview": "page",
    "$screen": "screen",
    "$groupidentify": "group",
}
"""Their names for what every product has; other names stay."""
_PERSON = ("$set", "$set_once")
_SECRETS = ("token", "api_key")


def read_posthog(message: Row, moments: Moments, nobody: frozenset[str] = NOBODY) -> tuple[Event, ...]:
    """The event that a message is; ``$set`` beside another event becomes traits, by a second event.

    Raises
    ------
    BadRowError
        If it cannot be an event, with the reason.
    """
    properties = object_in(message, "properties")
    said = text_of(message, "event", reason="missing name")
    if not said:
        raise BadRowError("missing name", "'event' is empty")
    name = _NAMES.get(said, said)
    customer, also = _ids(message, properties, nobody, name=name)
    traits = _traits(message, properties)
    event = Event(
        message_id=_id(message, properties),
        customer=customer,
        also=also,
        name=name,
        time=moments.happened(message.get("timestamp") or properties.get("timestamp")),
        properties=(traits if name == IDENTIFY else _own(message, name)) or None,
    )
    if not traits or name == IDENTIFY:
        return (event,)
    known = Event(
        message_id=f"{event.message_id}:set", customer=customer, name=IDENTIFY, time=event.time, properties=traits
    )
    return (event, known)


def key_in(message: Row) -> str:
    """The key that a browser puts into an event; empty if there is none."""
    properties = message.get("properties")
    places = (message, properties if isinstance(properties, dict) else {})
    found = (place.get(name) for place in places for name in ("api_key", "token"))
    return next((key for key in found if isinstance(key, str) and key), "")


def _ids(message: Row, properties: Row, nobody: frozenset[str], *, name: str) -> tuple[str, str]:
    places = (message, properties)
    customer = next((id_ for place in places if (id_ := id_in(place, "distinct_id", nobody=nobody))), "")
    if not customer:
        raise BadRowError("missing customer", "'distinct_id' names nobody")
    if name == ALIAS:
        alias = id_in(properties, "alias", nobody=nobody)
        if not alias:
            raise BadRowError("missing customer", "an alias needs properties 'alias' and 'distinct_id'")
        return alias, customer
    before = id_in(properties, "$anon_distinct_id", nobody=nobody)
    return customer, before if before != customer else ""


def _id(message: Row, properties: Row) -> str:
    if message.get("uuid") is None and properties.get("$insert_id") is not None:
        return message_id_of(properties, "$insert_id")
    return message_id_of(message, "uuid")


def _traits(message: Row, properties: Row) -> dict[str, Json]:
    """What is set always goes before what is set once."""
    once, always = (properties_in(message, kind) | properties_in(properties, kind) for kind in ("$set_once", "$set"))
    return once | always


def _own(message: Row, name: str) -> dict[str, Json]:
    found = properties_in(message, "properties", without=(*_PERSON, *_SECRETS, "$group_set"))
    if name != "group":
        return found
    group = properties_in(object_in(message, "properties"), "$group_set")
    return {**group, "group_id": found.get("$group_key", ""), "group_type": found.get("$group_type", "")}
