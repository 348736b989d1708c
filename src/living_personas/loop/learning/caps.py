"""What a unit's value counts for at most: fixed from values seen before, for the goal once and for each day anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.cell import GOAL
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Persona, longest_wait
from living_personas.domain.value_cap import ValueCap
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.relations import table_of
from living_personas.memory.records import VALUE_CAPS, VALUES_SEEN
from living_personas.memory.tables import CAPS, EVENTS, UNITS
from living_personas.ports import Store
from living_personas.refining.panel import Panel, day_number
from living_personas.stats.arrays import Floats, Ints
from living_personas.stats.value_caps import share_above, usual_most

__all__ = ["caps_begin", "caps_between", "day_caps", "fix_caps", "freeze_caps", "with_cap"]

ROOM = 2.0
"""A cap that nobody wrote is so many times the usual most: the days' own caps are the ones that save units."""

LOOK_BACK, REMEMBER = timedelta(days=365), timedelta(days=56)
"""How far back values count for a cap that nobody wrote, and units for a day's."""

EVERY = 7
"""A day's cap is found anew so often, in days; sooner while too few values were seen."""

SPAN = 7
"""Before the first unit, values are those of customers in so many days, or in the goal's horizon if it is shorter."""

_HUGE = 2.0**30
"""Stands in for a cap while the values are counted that one is made from."""


class _Amounts(NamedTuple):
    """Classes of size of one persona's values, and how many there are, by day number; shape (R,)."""

    day: Ints
    size: Ints
    n: Ints

    def before(self, last: int, *, first: int = 0) -> _Amounts:
        """Those of the days from ``first`` up to, and without, ``last``."""
        kept = (self.day >= first) & (self.day < last)
        return _Amounts(self.day[kept], self.size[kept], self.n[kept])


def with_cap(context: Context, persona: Persona, *, day: date | None = None) -> Persona:
    """The persona with the cap that was fixed for its goal, if there is one (by ``day``) and its file has none."""
    fixed = _fixed(context, persona)
    if fixed is None or (day is not None and fixed.day > day):
        return persona
    return replace(persona, goal=replace(persona.goal, at_most=fixed.at_most))


def caps_begin(context: Context, day: date) -> bool:
    """Whether a cap that nobody wrote holds from a day on."""
    fixed = (_fixed(context, persona) for persona in context.personas)
    return any(cap is not None and cap.day == day for cap in fixed)


def fix_caps(context: Context, days: Sequence[date]) -> None:
    """Fix the caps of goals that have none, from the first of the ``days`` before which enough values were seen."""
    asked = [p for p in context.personas if p.goal.waits_for_cap and _fixed(context, p) is None]
    for span in sorted({_span(persona) for persona in asked} if days else ()):
        mine = [persona for persona in asked if _span(persona) == span]
        found = _by_persona(
            context.engine.customer_amounts(
                days=span,
                events=EVENTS.read(context.store, days[0] - LOOK_BACK, days[-1] - timedelta(days=1)),
                links=context.store.inbox.links(),
                personas=[_capped_at(persona, _HUGE) for persona in mine],
            )
        )
        for persona in mine:
            amounts = found.get(persona.id)
            cap = _first_cap(persona.goal, amounts, days)
            if cap is not None:
                VALUE_CAPS.write(context.store, persona.id, cap)
            VALUES_SEEN.write(context.store, persona.id, None if cap else _seen(amounts))


def freeze_caps(context: Context, days: Iterable[date]) -> None:
    """Fix what units of each of the ``days`` count for at most, by complete units of days before; never anew.

    The units of the days before must be known.
    """
    held = set(CAPS.days(context.store))
    new = [day for day in days if day not in held]
    if not new or not _valued(context, max(new)):
        return
    rows = {row["persona"]: row for row in _rows(context.store, min(new) - timedelta(days=1))}
    amounts: Mapping[str, _Amounts] | None = None
    for day in new:
        valued = _valued(context, day)
        if any(_is_due(persona, rows.get(persona.id), day) for persona in valued):
            amounts = _unit_amounts(context, _valued(context, max(new)), new) if amounts is None else amounts
            rows = {p.id: _row(p, amounts.get(p.id), day, rows.get(p.id)) for p in valued}
        rows = {name: row | {"day": day} for name, row in rows.items()}
        CAPS.replace(context.store, {day: pa.Table.from_pylist([*rows.values()], schema=CAPS.schema)})


def caps_between(context: Context, first: date, last: date) -> pa.Table:
    """What units of the days ``first`` to ``last`` count for at most, where it is not the goal's own cap.

    Columns ``persona``, ``metric``, ``cohort``, ``cap``; it is NULL on days before a goal had a cap.
    """
    personas = {persona.id: with_cap(context, persona) for persona in context.personas}
    frozen = table_of(CAPS.read(context.store, first, last), CAPS.schema).to_pylist()
    caps: dict[tuple[str, date], float | None] = {
        (row["persona"], row["day"]): row["cap"]
        for row in frozen
        if row["persona"] in personas and row["at_most"] == personas[row["persona"]].goal.at_most
    }
    for persona in context.personas:
        if persona.goal.waits_for_cap:
            fixed = _fixed(context, persona)
            until = min(fixed.day - timedelta(days=1), last) if fixed else last
            caps |= {(persona.id, day): None for day in between(first, until)}
    return pa.table(
        {
            "persona": pa.array([name for name, _ in caps], pa.string()),
            "metric": pa.array([GOAL] * len(caps), pa.string()),
            "cohort": pa.array([day for _, day in caps], pa.date32()),
            "cap": pa.array([*caps.values()], pa.float64()),
        }
    )


def day_caps(store: Store, panel: Panel, day: date) -> Floats:
    """The caps of a day's units, shape ``(A,)``, as ``caps_between`` has them: else the goal's own."""
    found = {(row["persona"], row["at_most"]): row["cap"] for row in _rows(store, day)}
    asked = zip(panel.subjects, panel.bound.tolist(), strict=True)
    return np.array([found.get((subject.persona, bound), bound) for subject, bound in asked], dtype=np.float64)


def _fixed(context: Context, persona: Persona) -> ValueCap | None:
    if not persona.goal.waits_for_cap:
        return None
    found = VALUE_CAPS.read(context.store, persona.id)
    return found if found is not None and found.is_of(persona.goal) else None


def _valued(context: Context, day: date) -> list[Persona]:
    """The personas whose goal sums a value on a day, and has a cap."""
    capped = (with_cap(context, persona, day=day) for persona in context.personas)
    return [persona for persona in capped if persona.goal.is_value]


def _span(persona: Persona) -> int:
    return min(persona.goal.horizon_days, SPAN)


def _capped_at(persona: Persona, cap: float) -> Persona:
    return replace(persona, goal=replace(persona.goal, at_most=cap))


def _first_cap(goal: Goal, amounts: _Amounts | None, days: Sequence[date]) -> ValueCap | None:
    """The cap from the first of the days on before which enough values were seen."""
    if amounts is None:
        return None
    for day in days:
        seen = amounts.before(day_number(day), first=day_number(day - LOOK_BACK))
        most = usual_most(seen.size, seen.n)
        if most is not None and goal.value is not None:
            return ValueCap(
                event=goal.event,
                value=goal.value,
                currency=goal.currency,
                at_most=ROOM * most,
                day=day,
                values=int(seen.n.sum()),
            )
    return None


def _seen(amounts: _Amounts | None) -> int:
    return 0 if amounts is None else int(amounts.n.sum())


def _unit_amounts(context: Context, valued: Sequence[Persona], days: Sequence[date]) -> Mapping[str, _Amounts]:
    first, last = min(days) - REMEMBER - longest_wait(valued), max(days) - timedelta(days=1)
    return _by_persona(
        context.engine.unit_amounts(
            units=UNITS.read(context.store, first, last),
            events=EVENTS.read(context.store, first, last),
            links=context.store.inbox.links(),
            personas=valued,
        )
    )


def _by_persona(table: pa.Table) -> Mapping[str, _Amounts]:
    found = {}
    for name in table["persona"].unique().to_pylist():
        mine = table.filter(pc.equal(table["persona"], name))
        day = np.asarray(mine["day"].cast(pa.int32()).to_numpy(), dtype=np.int64)
        found[name] = _Amounts(day, *(np.asarray(mine[c].to_numpy(), dtype=np.int64) for c in ("size", "n")))
    return found


def _rows(store: Store, day: date) -> list[dict[str, object]]:
    return list(table_of(CAPS.read(store, day, day), CAPS.schema).to_pylist())


def _is_about(row: Mapping[str, object], goal: Goal) -> bool:
    return (row["event"], row["property"], row["at_most"]) == (goal.event, goal.value, goal.at_most)


def _is_due(persona: Persona, before: Mapping[str, object] | None, day: date) -> bool:
    known = before is not None and _is_about(before, persona.goal) and before["n"]
    return not known or day_number(day) % EVERY == 0


def _row(
    persona: Persona, amounts: _Amounts | None, day: date, before: Mapping[str, object] | None
) -> dict[str, object]:
    """A day's row: the usual most of the units that are complete, if there are enough of them; n is 0 if not."""
    if before is not None and not _is_due(persona, before, day):
        return dict(before)
    goal, bound = persona.goal, persona.goal.at_most or np.inf
    row: dict[str, object] = {"persona": persona.id, "event": goal.event, "property": goal.value, "day": day}
    row |= {"at_most": bound, "cap": bound, "reach": 0.0, "n": 0}
    if amounts is None:
        return row
    last = day_number(day) - persona.longest_wait
    seen = amounts.before(last, first=last - REMEMBER.days)
    most = usual_most(seen.size, seen.n)
    if most is None:
        return row
    reach = share_above(seen.size, seen.n, cap=bound)
    return row | {"cap": min(most, bound), "reach": reach, "n": int(seen.n.sum())}
