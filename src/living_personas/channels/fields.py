"""Fields that the protocols share: ids, properties, the campaign that brought somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from living_personas.domain.event import Json
from living_personas.domain.raw import shown
from living_personas.sources.properties import property_of
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.spelt_objects import as_object
from living_personas.sources.values import text_of

__all__ = ["campaign_of", "message_id_of", "object_in", "properties_in", "text_in"]


def object_in(row: Mapping[str, object], name: str) -> Row:
    """An object that may be missing, also as JSON in a text.

    >>> object_in({"context": ""}, "context"), object_in({"context": '{"ip": ""}'}, "context")
    ({}, {'ip': ''})

    Raises
    ------
    BadRowError
        If there is something else in its place.
    """
    found = as_object(row.get(name))
    if found is None or found is False or found in ([], ""):  # what PHP and templates write for one without keys
        return {}
    if not isinstance(found, dict):
        raise BadRowError("bad properties", f"{name!r} is {shown(found)}, which is no object")
    return found


def properties_in(row: Mapping[str, object], name: str, *, without: Iterable[str] = ()) -> dict[str, Json]:
    """The properties in an object, as they may travel with an event."""
    found = object_in(row, name)
    return {key: property_of(found, key, typed=True) for key in found if key not in without}


def text_in(row: Row, name: str) -> str:
    """A short text that may be missing; what is no text is left out."""
    return text_of(row, name, reason="bad properties") if isinstance(row.get(name), str) else ""


def message_id_of(row: Row, name: str) -> str:
    """The id that tells a message that is sent again from a new one."""
    found = text_of(row, name, reason="missing message id")
    if not found:
        raise BadRowError("missing message id", f"{name!r} is empty: sent again, the event would count twice")
    return found


def campaign_of(context: Row) -> dict[str, Json]:
    """The campaign as the traits that rules ask for.

    >>> campaign_of({"campaign": {"name": "deal", "source": "google"}})
    {'utm_campaign': 'deal', 'utm_source': 'google'}
    """
    found = object_in(context, "campaign")
    return {
        "utm_campaign" if key == "name" else f"utm_{key}": property_of(found, key, typed=True)
        for key in found
        if found[key] is not None
    }
