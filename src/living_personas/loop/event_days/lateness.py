"""How long after they happened outcomes come: what people say of their sources, or what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.cell import GOAL
from living_personas.domain.measured_lateness import Late, MeasuredLateness
from living_personas.domain.persona import EVER, Attribute, Persona
from living_personas.domain.settings import Source
from living_personas.loop.context import Context
from living_personas.loop.learning.learn import Waits
from living_personas.loop.relations import filtered, table_of
from living_personas.memory.records import BROUGHT, LATENESS, MEASURED_LATENESS, ROWS_TOLD_BY
from living_personas.memory.tables import ARRIVALS, CELLS
from living_personas.ports import Store
from living_personas.stats.arrays import Floats
from living_personas.stats.delays import days_until_in

__all__ = [
    "Unmeasured",
    "declared_days",
    "lateness",
    "measure_arrivals",
    "note_arrivals",
    "note_brought",
    "unmeasured",
    "waits_in_force",
]

Unmeasured = Callable[[Persona, Attribute, Iterable[str]], str]
"""Names a source whose lateness nobody knows."""

WATCHED_DAYS, LOOKED_BACK_DAYS = 28, 56
"""Lateness is measured on the outcomes of so many to so many days ago: by now, all of them should have come."""

MISSING, ENOUGH = 0.005, 600
"""The part of outcomes that may come later still, and how many outcomes it takes to know."""

_EVERY_DAYS = 7
_MOST_NAMES = 200
"""As many names of events are remembered of a source: one with more puts ids into them."""

_NAMED = ("persona", "attribute", "option")


def waits_in_force(store: Store) -> Waits:
    """After how many days units are complete: their wait for outcomes, and the lateness that the accounts know of."""
    late = LATENESS.read(store) or {}
    return lambda persona, attribute: persona.wait_days(attribute) + late.get(_of(persona, attribute), 0)


def lateness(context: Context) -> dict[str, int]:
    """By how many days the units of each attribute are complete later; those that are not named, by none."""
    measured, said = MEASURED_LATENESS.read(context.store), _Said(context)
    found = {
        _of(persona, attribute): _days(said[persona.goal.event], persona, attribute, measured)
        for persona in context.personas
        for attribute in persona.attributes
    }
    return {name: days for name, days in found.items() if days}


def declared_days(context: Context, event: str) -> int:
    """By how many days events of a name come late, as far as people said."""
    return max((days for days in _Said(context)[event].values() if days is not None), default=0)


def unmeasured(context: Context) -> Unmeasured:
    """A function that names a source of a goal's event of which nobody knows how late it delivers; ``""`` if none.

    It is asked for some options of an attribute. What comes by no source, one by one, is taken to come when it happens
    until something else is measured.
    """
    measured, said = MEASURED_LATENESS.read(context.store), _Said(context)
    known = measured.options if measured else {}

    def named(persona: Persona, attribute: Attribute, options: Iterable[str]) -> str:
        silent = [source for source, days in said[persona.goal.event].items() if days is None and source]
        if silent and any(_key(persona, attribute, option) not in known for option in options):
            return silent[0]
        return ""

    return named


def note_brought(context: Context, source: str, events: pa.Table) -> None:
    """Remember the names of the events that a source brings."""
    before = BROUGHT.read(context.store, source)
    now = sorted({*(before or ()), *events["name"].unique().to_pylist()})[:_MOST_NAMES]
    if now != before:
        BROUGHT.write(context.store, source, now)


def note_arrivals(store: Store, days: Iterable[date], *, closing: date) -> None:
    """Remember what of the successes of some days, which were just folded, was not known when they were folded before.

    Only of days from which lateness is measured; what is older is forgotten. ``closing`` is the newest day that is
    folded now.
    """
    first = closing - timedelta(days=LOOKED_BACK_DAYS)
    forgotten = {day: ARRIVALS_NONE for day in ARRIVALS.days(store) if day < first}
    folded = {day: _arrived(store, day, closing) for day in days if first <= day <= closing}
    if forgotten or folded:
        ARRIVALS.replace(store, {**forgotten, **folded})


def measure_arrivals(context: Context, closed: date) -> None:
    """Measure how late outcomes come, once a week; of options with too few outcomes, what was known stays known."""
    before = MEASURED_LATENESS.read(context.store)
    if before is not None and closed - before.measured < timedelta(days=_EVERY_DAYS):
        return
    said = _Said(context)
    if not any(None in said[persona.goal.event].values() for persona in context.personas):
        return
    keys = {
        _key(persona, attribute, option)
        for persona in context.personas
        for attribute in persona.attributes
        for option in attribute.options
    }
    known = {key: late for key, late in (before.options if before else {}).items() if key in keys}
    for key, came in _came(context, closed).items():
        if came.sum() >= ENOUGH:
            known[key] = Late(days=_settled(came, known.get(key)), outcomes=int(came.sum()))
    if known or before:
        MEASURED_LATENESS.write(context.store, MeasuredLateness(measured=closed, options=dict(sorted(known.items()))))


ARRIVALS_NONE = table_of((), ARRIVALS.schema)


def _days(
    said: Mapping[str, int | None], persona: Persona, attribute: Attribute, measured: MeasuredLateness | None
) -> int:
    known = [days for days in said.values() if days is not None]
    if len(known) < len(said) and measured is not None:
        late = (measured.options.get(_key(persona, attribute, option)) for option in attribute.options)
        known += [each.days for each in late if each is not None]
    return max(known, default=0)


class _Said(dict[str, Mapping[str, int | None]]):
    """By how many days each source of an event brings it late, None where nobody said; ``""`` where there is none."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def __missing__(self, event: str) -> Mapping[str, int | None]:
        settings = self._context.settings
        otherwise = settings.late_days
        brings = [source for source in settings.sources if _brings(self._context.store, source, event)]
        self[event] = {each.name: otherwise if each.late_days is None else each.late_days for each in brings}
        if not brings:
            self[event] = {"": otherwise}
        return self[event]


def _brings(store: Store, source: Source, event: str) -> bool:
    """Whether a source brings events of a name: by what it brought so far or, if nothing is known of it, may bring.

    One that never brought anything and says nothing may never be used.
    """
    brought = BROUGHT.read(store, source.name)
    if brought is not None and len(brought) < _MOST_NAMES:
        return event in brought
    was_loaded = ROWS_TOLD_BY.read(store, source.name) is not None
    return source.may_bring(event) and (was_loaded or source.late_days is not None)


def _of(persona: Persona, attribute: Attribute) -> str:
    return f"{persona.id}\n{attribute.name}"


def _key(persona: Persona, attribute: Attribute, option: str) -> str:
    """What an option's lateness is known by: that of one goal is alike for all personas."""
    return f"{persona.goal.event}\n{attribute.name}\n{option}"


def _arrived(store: Store, day: date, closing: date) -> pa.Table:
    """The rows of a day, and what became known of it since they were written."""
    cells = filtered(CELLS.read(store, day, day), pc.field("metric") == GOAL, CELLS.schema)
    now = cells.group_by(list(_NAMED)).aggregate([("s", "sum")])
    before = table_of(ARRIVALS.read(store, day, day), ARRIVALS.schema)
    had = before.group_by(list(_NAMED)).aggregate([("s", "sum")]).rename_columns([*_NAMED, "had"])
    both = now.join(had, list(_NAMED), join_type="full outer")
    more = pc.subtract(pc.fill_null(both["s_sum"], 0), pc.fill_null(both["had"], 0))
    added = pa.table({**{name: both[name] for name in _NAMED}, "s": more})
    if before.num_rows:  # the first time, zeros say that the day was there
        added = added.filter(pc.not_equal(added["s"], 0))
    rows = len(added)
    columns = {name: added[name] for name in _NAMED} | {
        "day": pa.array([day] * rows, pa.date32()),
        "known": pa.array([closing] * rows, pa.date32()),
        "s": added["s"],
    }
    return pa.concat_tables([before, pa.table(columns).select(before.column_names)])


def _came(context: Context, closed: date) -> dict[str, Floats]:
    """How many outcomes of each option came how many days late, of days that were folded when they ended.

    A day that was folded for the first time with others after it says nothing: its outcomes may have come at any time,
    as those of a file with the events of months.
    """
    first, last = (closed - timedelta(days=days) for days in (LOOKED_BACK_DAYS, WATCHED_DAYS))
    table = filtered(ARRIVALS.read(context.store, first, last), pc.field("day") >= first, ARRIVALS.schema)
    watched = table.filter(pc.equal(table["day"], table["known"]))["day"].unique()
    table = table.filter(pc.and_(pc.is_in(table["day"], value_set=watched), pc.greater(table["s"], 0)))
    asked = {(persona.id, attribute.name): (persona, attribute) for persona, attribute, _ in _asked(context)}
    for persona, attribute, since in _asked(context):
        if since > first:  # another question than now's
            mine = (pc.field("persona") == persona.id) & (pc.field("attribute") == attribute.name)
            table = table.filter(~(mine & (pc.field("day") < since)))
    late = pc.subtract(table["known"].cast(pa.int32()), table["day"].cast(pa.int32()))
    summed = table.append_column("late", late).group_by([*_NAMED, "late"]).aggregate([("s", "sum")])
    found: dict[str, Floats] = {}
    for row in summed.to_pylist():
        if (row["persona"], row["attribute"]) in asked:
            persona, attribute = asked[row["persona"], row["attribute"]]
            key = _key(persona, attribute, attribute.called(row["option"]))
            found.setdefault(key, np.zeros(LOOKED_BACK_DAYS + 1))[row["late"]] += row["s_sum"]
    return found


def _asked(context: Context) -> Iterator[tuple[Persona, Attribute, date]]:
    """The attributes with the first day of their present question: outcomes of another goal are none of this one."""
    versions = {version.id: version for version in context.versions()}
    for persona in context.personas:
        standings = versions[persona.id].standings if persona.id in versions else ()
        for attribute in persona.attributes:
            asked = [standing.asked for standing in standings if standing.attribute == attribute.name]
            yield persona, attribute, max(asked, default=EVER)


def _settled(came: Floats, before: Late | None) -> int:
    """The days within which all but a few came; fewer than before only if there is room to spare: it must not waver."""
    least, spared = (days_until_in(came, missing=missing) for missing in (MISSING, MISSING / 2))
    return least if before is None else min(max(before.days, least), spared)
