"""Where the caps of values stand: what a unit counts for at most, by what, or what is missing to say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from living_personas.domain.capped_goal import CappedGoal
from living_personas.domain.persona import Persona
from living_personas.loop.context import Context
from living_personas.loop.learning.caps import with_cap
from living_personas.loop.relations import table_of
from living_personas.memory.records import VALUE_CAPS, VALUES_SEEN
from living_personas.memory.tables import CAPS
from living_personas.stats.value_caps import ENOUGH

__all__ = ["capped_goals"]


def capped_goals(context: Context) -> tuple[CappedGoal, ...]:
    """Every goal that sums a value, in the order of the personas."""
    return tuple(_capped(context))


def _capped(context: Context) -> Iterator[CappedGoal]:
    newest = {row["persona"]: row for row in table_of(CAPS.newest(context.store), CAPS.schema).to_pylist()}
    for persona in context.personas:
        if persona.goal.value is not None:
            yield _of(context, persona, newest.get(persona.id))


def _of(context: Context, persona: Persona, row: dict[str, Any] | None) -> CappedGoal:
    goal = with_cap(context, persona).goal
    fixed = VALUE_CAPS.read(context.store, persona.id) if persona.goal.waits_for_cap and goal.is_value else None
    known = row if row is not None and row["at_most"] == goal.at_most and row["n"] else None
    return CappedGoal(
        persona=persona.id,
        value=persona.goal.value or "",
        at_most=goal.at_most,
        fixed_on=fixed.day if fixed else None,
        fixed_from=fixed.values if fixed else 0,
        seen=(VALUES_SEEN.read(context.store, persona.id) or 0) if goal.waits_for_cap else 0,
        needed=ENOUGH,
        cap=known["cap"] if known else goal.at_most,
        units=known["n"] if known else 0,
        reach=known["reach"] if known else 0.0,
    )
