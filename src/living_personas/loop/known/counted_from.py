"""From which day on features are complete, where what was done before was dropped because of its age."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from living_personas.loop.context import Context
from living_personas.loop.event_days.retired import events_from
from living_personas.loop.event_days.seen import features_of
from living_personas.loop.known.totals import days_told
from living_personas.memory.records import CLOSED

__all__ = ["counted_from"]


def counted_from(context: Context) -> Mapping[str, date]:
    """The features that lack something of what was dropped, each with the first day from which it is complete.

    It lacks nothing if its totals were made before the events were dropped, or if it looks back over fewer days than
    are kept.
    """
    closed = CLOSED.read(context.store)
    if events_from(context.store) == date.min or closed is None:
        return {}
    features = features_of(context)
    told = days_told(context, features)
    found: dict[str, date] = {}
    for feature in features:
        lacking, back = told[feature.name], feature.days_back
        if lacking is not None and (back is None or lacking > closed - timedelta(days=back)):
            found[feature.name] = lacking + timedelta(days=1)
    return found
