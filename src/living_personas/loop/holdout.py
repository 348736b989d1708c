"""Living against static: what customers inside and outside the holdout did since they entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import pyarrow.compute as pc

from living_personas.domain.goal import Goal
from living_personas.domain.persona import EVER, Persona
from living_personas.engine_port import BEFORE_DAYS
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.fold import judged
from living_personas.loop.relations import filtered
from living_personas.loop.spellings import comparable_units
from living_personas.memory.records import POLICIES
from living_personas.memory.tables import EVENTS, UNITS
from living_personas.ports import Relation
from living_personas.stats.adjusted import EntrySums

__all__ = ["NOBODY", "Compared", "compare_holdout", "holdout_since"]


class Compared(NamedTuple):
    """The customers who entered as a persona and live, and those of the holdout; None without any."""

    living: EntrySums | None
    static: EntrySums | None


NOBODY = Compared(living=None, static=None)


def compare_holdout(context: Context, *, goals: Mapping[str, Goal] | None = None) -> Mapping[str, Compared]:
    """Days and outcomes of every customer since its entry, until the last closed day.

    With ``goals`` the personas that it names are judged by these, and no other is compared.

    Everybody enters who met a decision since the holdout began. A customer counts for the persona as which it entered,
    whatever became of it: personas that it moves to are part of what its decisions led to. Whoever may have changed
    sides is left out. Without a holdout in the data nothing is compared.
    """
    closed = closed_through(context)
    if closed is None:
        return {}
    units = comparable_units(context.store, UNITS.read(context.store, EVER, closed))
    since = _holdout_since(units)
    if since is None:
        return {}
    rows = context.engine.since_entry(
        since,
        closed,
        units=units,
        events=EVENTS.read(context.store, since - timedelta(days=BEFORE_DAYS), closed),
        links=context.store.inbox.links(),
        personas=[judged(context, persona) for persona in _asked(context, goals)],
        logged=["", *POLICIES.names(context.store)],
    ).to_pylist()
    sides = {(row["persona"], row["holdout"]): EntrySums.of(row) for row in rows}
    return {
        name: Compared(living=sides.get((name, False)), static=sides.get((name, True)))
        for name in {row["persona"] for row in rows}
    }


def holdout_since(context: Context) -> date | None:
    """The first day on which somebody of the holdout met a decision, of the closed ones; None before it."""
    closed = closed_through(context)
    return _holdout_since(UNITS.read(context.store, EVER, closed)) if closed else None


def _asked(context: Context, goals: Mapping[str, Goal] | None) -> list[Persona]:
    """The personas to compare, with the goals that they are judged by."""
    if goals is None:
        return [*context.personas]
    return [replace(each, goal=goals[each.id]) for each in context.personas if each.id in goals]


def _holdout_since(units: Relation) -> date | None:
    """The first day on which somebody of the holdout met a decision."""
    held = filtered(units, pc.field("holdout"), UNITS.schema, columns=["cohort"])
    first: date | None = pc.min(held["cohort"]).as_py()
    return first
