"""What Segment's and RudderStack's clients send: track, identify, page, screen, group, alias."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.channels.fields import campaign_of, message_id_of, object_in, properties_in, text_in
from living_personas.channels.moments import Moments
from living_personas.domain.customer_id import NOBODY
from living_personas.domain.event import ALIAS, IDENTIFY, Event, Json
from living_personas.domain.raw import shown
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.values import id_in, text_of

__all__ = ["KINDS", "read_segment"]

KINDS = ("track", "identify", "page", "screen", "group", "alias")
"""The six calls; each is also a route."""


def read_segment(message: Row, moments: Moments, nobody: frozenset[str] = NOBODY) -> tuple[Event, ...]:
    """The event that a message is; a campaign in its context also becomes traits, by a second event.

    ``page``, ``screen`` and ``group`` become events of these names; what they are called is the property ``name``.

    Raises
    ------
    BadRowError
        If it cannot be an event, with the reason.
    """
    kind = message.get("type")
    if kind not in KINDS:
        raise BadRowError("missing name", f"the type is {shown(kind)}; it must be one of {', '.join(KINDS)}")
    customer, also = _ids(message, nobody, kind=str(kind))
    context = object_in(message, "context")
    campaign = campaign_of(context)
    event = Event(
        message_id=message_id_of(message, "messageId"),
        customer=customer,
        also=also,
        name=_name(message, str(kind)),
        time=moments.happened(message.get("timestamp") or message.get("originalTimestamp")),
        channel=text_in(object_in(message, "properties"), "channel"),
        properties=_properties(message, context, str(kind)) | campaign or None,
    )
    return (event, *_brought_by(event, campaign))


def _ids(message: Row, nobody: frozenset[str], *, kind: str) -> tuple[str, str]:
    """The customer, and another id that is the same customer."""
    known = id_in(message, "userId", nobody=nobody)
    anonymous = id_in(message, "anonymousId", nobody=nobody)
    if kind == ALIAS:
        previous = id_in(message, "previousId", nobody=nobody) or anonymous
        if not known or not previous:
            raise BadRowError("missing customer", "an alias needs 'userId' and 'previousId'")
        return known, previous
    if not known and not anonymous:
        raise BadRowError("missing customer", "'userId' and 'anonymousId' name nobody")
    return known or anonymous, anonymous if known and anonymous != known else ""


def _name(message: Row, kind: str) -> str:
    if kind != "track":
        return kind
    name = text_of(message, "event", reason="missing name")
    if not name:
        raise BadRowError("missing name", "'event' is empty")
    return name


def _properties(message: Row, context: Row, kind: str) -> dict[str, Json]:
    if kind == IDENTIFY:
        return properties_in(context, "traits") | properties_in(message, "traits")
    if kind == "group":
        return {**properties_in(message, "traits"), "group_id": text_of(message, "groupId", reason="bad properties")}
    named = {
        key: text for key in ("name", "category") if kind in ("page", "screen") and (text := text_in(message, key))
    }
    return named | properties_in(message, "properties")


def _brought_by(event: Event, campaign: Mapping[str, Json]) -> tuple[Event, ...]:
    """Rules ask for traits, and only ``identify`` gives traits; who identifies has them already."""
    if not campaign or event.name == IDENTIFY:
        return ()
    traits = Event(
        message_id=f"{event.message_id}:campaign",
        customer=event.customer,
        name=IDENTIFY,
        time=event.time,
        properties=campaign,
    )
    return (traits,)
