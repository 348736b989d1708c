"""Days whose events were dropped because of their age: which they are, and from which day on things can be counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from living_personas.domain.persona import longest_wait
from living_personas.loop.context import Context
from living_personas.loop.event_days.lateness import waits_in_force
from living_personas.memory.records import CLOSED
from living_personas.memory.retired_records import RETIRED, RETIRED_DAYS
from living_personas.memory.tables import EVENTS
from living_personas.ports import Store

__all__ = ["events_from", "events_seen", "foldable_from", "longest_reach"]

_ONE_DAY = timedelta(days=1)


def events_from(store: Store) -> date:
    """The first day whose events are all kept; the first of all where none were dropped."""
    retired = RETIRED.read(store)
    return date.min if retired is None else retired.through + _ONE_DAY


def foldable_from(context: Context) -> date:
    """The first day that may be folded again: the outcomes of its units, and all that came before them, are kept.

    A day that is not closed may be folded, however far goals look ahead by now.
    """
    retired, closed = RETIRED.read(context.store), CLOSED.read(context.store)
    if retired is None:
        return date.min
    if closed is None:
        return retired.again
    return min(max(retired.again, retired.through + _ONE_DAY + longest_reach(context)), closed + _ONE_DAY)


def longest_reach(context: Context) -> timedelta:
    """How long after its first exposure the last outcome of any unit is known, however late it comes."""
    waits = waits_in_force(context.store)
    days = [waits(persona, attribute) for persona in context.personas for attribute in persona.attributes]
    return max(longest_wait(context.personas), timedelta(days=max(days, default=0)))


def events_seen(store: Store) -> Mapping[date, str]:
    """A text for each day that holds events or did, in order: another one whenever they are others.

    What was dropped because of its age is no change.
    """
    dropped = RETIRED_DAYS.read(store) or {} if RETIRED.read(store) is not None else {}
    return dict(sorted({**EVENTS.etags(store), **dropped}.items()))
