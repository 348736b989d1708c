"""Which exposures count: those that browsers report of decisions which nobody vouches for, where a goal says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import FROM_BROWSER
from living_personas.domain.event import EXPOSED, STANDING
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Persona
from living_personas.domain.settings import Settings
from living_personas.domain.stranger import UNVOUCHED
from living_personas.loop.context import Context
from living_personas.loop.relations import filtered, row_count, table_of
from living_personas.memory.tables import EVENTS, EXPOSURES
from living_personas.ports import Relation

__all__ = ["counting_exposures", "is_doubted", "uncounted_exposures", "unvouched_events"]

_MARKS = tuple(f'"{STANDING}": "{standing}"' for standing in UNVOUCHED)


def is_doubted(goal: Goal, settings: Settings) -> bool:
    """Whether a person decides what the evidence of a goal changes: anybody could have sent some of it.

    In a workspace that asks for no proof, exposures of customers of servers never count alone.
    """
    return goal.from_browsers == "review" or (goal.from_browsers == "always" and settings.browser_identity == "open")


def unvouched_events(context: Context, first: date, last: date) -> pa.Table:
    """The events of some days in which a browser reports a decision that nobody vouches for (``EVENT_SCHEMA``)."""
    said = pc.field("properties")
    marked = pc.match_substring(said, _MARKS[0])
    for mark in _MARKS[1:]:
        marked |= pc.match_substring(said, mark)
    kept = (pc.field("name") == EXPOSED) & pc.match_substring(said, FROM_BROWSER) & marked
    return filtered(EVENTS.read(context.store, first, last), kept, EVENTS.schema)


def counting_exposures(context: Context, day: date) -> Relation:
    """The exposures of a day that count.

    What a browser reports is a choice of whoever holds the key of the page: of decisions for which nobody vouches it
    counts as outcomes from browsers do, by the goal of the exposure's persona.
    """
    exposures, unvouched = EXPOSURES.read(context.store, day, day), unvouched_events(context, day, day)
    if not unvouched.num_rows:
        return exposures
    rows = table_of(exposures, EXPOSURES.schema)
    open_to_all = pa.array(sorted(_open_to_all(context.personas)), pa.string())
    reported = pc.is_in(rows["message_id"], value_set=unvouched["message_id"].combine_chunks())
    left_out = pc.and_(reported, pc.invert(pc.is_in(rows["persona"], value_set=open_to_all)))
    return rows.filter(pc.invert(left_out))


def uncounted_exposures(context: Context, first: date, last: date) -> int:
    """How many exposures of some days do not count, as nobody vouches for what they report."""
    unvouched = unvouched_events(context, first, last)["message_id"].combine_chunks()
    closed = ~pc.field("persona").isin(pa.array(sorted(_open_to_all(context.personas)), pa.string()))
    reported = pc.field("message_id").isin(unvouched)
    return row_count(EXPOSURES.read(context.store, first, last), reported & closed) if len(unvouched) else 0


def _open_to_all(personas: Iterable[Persona]) -> set[str]:
    return {persona.id for persona in personas if persona.goal.from_browsers != "never"}
