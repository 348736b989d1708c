"""Events that programs make, by a call and not by a row: their texts are held to what rows are held to."""

from __future__ import annotations

from dataclasses import replace

from living_personas.domain.event import Event
from living_personas.errors import BadValue, BadValueError
from living_personas.sources.intake import Intake
from living_personas.sources.properties import property_of
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.values import check_size, text_of

__all__ = ["own_event"]

_REASONS: tuple[BadValue, ...] = ("bad time", "bad number", "missing message id", "missing name", "too large")
_OTHERWISE: BadValue = "bad properties"


def own_event(event: Event, intake: Intake) -> Event:
    """The event as it may be recorded: with an id and a name, texts that every store can hold, numbers where used.

    Raises
    ------
    BadValueError
        If it may not be recorded; the message names what is wrong.
    """
    try:
        return intake.read(_checked(event))
    except BadRowError as error:
        reason: BadValue = next((each for each in _REASONS if each == error.reason), _OTHERWISE)
        raise BadValueError(error.detail, hint="nothing was recorded: mend it.", reason=reason) from error


def _checked(event: Event) -> Event:
    said: Row = {"message_id": event.message_id, "event": event.name, "channel": event.channel}
    id_ = text_of(said, "message_id", reason="missing message id")
    if not id_:
        raise BadRowError("missing message id", "the message id is empty: the next event without one would be lost")
    name = text_of(said, "event", reason="missing name")
    if not name:
        raise BadRowError("missing name", "the event has no name")
    if event.time.tzinfo is None:
        raise BadRowError("bad time", f"{event.time.isoformat()} has no time zone")
    found: Row = dict(event.properties or {})
    check_size(found, tuple(found))
    return replace(
        event,
        message_id=id_,
        name=name,
        channel=text_of(said, "channel", reason="bad properties"),
        properties={key: property_of(found, key, typed=True) for key in found} or None,
    )
