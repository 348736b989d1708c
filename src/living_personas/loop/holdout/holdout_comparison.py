"""Living against static: what customers inside and outside the holdout did since they entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import NamedTuple

import pyarrow.compute as pc

from living_personas.domain.entry import ENTRY_SCHEMA
from living_personas.domain.goal import Goal
from living_personas.domain.holdout_sums import HoldoutSums, SideSums
from living_personas.domain.persona import EVER, Persona
from living_personas.engine_port import BEFORE_DAYS
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.days import runs, week_old
from living_personas.loop.event_days.retired import events_from
from living_personas.loop.folding.fold import judged
from living_personas.loop.known.holdout_entries import Entered, KeptEntries
from living_personas.loop.known.spellings import comparable_units
from living_personas.loop.relations import as_bytes, filtered
from living_personas.memory.records import POLICIES, SPELLINGS_JOINED
from living_personas.memory.tables import EVENTS, UNITS
from living_personas.memory.worth_records import HOLDOUT_SUMS, NOBODY_HELD
from living_personas.ports import Relation, Store
from living_personas.stats.adjusted import EntrySums

__all__ = ["NOBODY", "Compared", "compare_holdout", "compared_from", "holdout_since", "keep_comparison"]


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
    sides is left out. Without a holdout in the data nothing is compared. Where events were dropped because of their
    age, everybody enters anew from the first day on before which enough is kept. What the last cycle kept is the
    answer, unless anything that it was made of is another now.
    """
    found = _sums(context, goals)
    if found is None:
        return {}
    sides = {(each.persona, each.holdout): EntrySums.of(each.numbers) for each in found.sides}
    return {
        name: Compared(living=sides.get((name, False)), static=sides.get((name, True)))
        for name in sorted({persona for persona, _ in sides})
    }


def holdout_since(context: Context) -> date | None:
    """The first day on which somebody of the holdout met a decision, of the closed ones; None before it."""
    found = _sums(context, None)
    return found.since if found is not None else None


def keep_comparison(context: Context, *, goals: Mapping[str, Goal] | None = None) -> None:
    """Keep what is compared until the last closed day, unless it is kept already; a page then opens no file for it."""
    found = _sums(context, goals, keeps=True)
    if found is not None and found != HOLDOUT_SUMS.read(context.store, _name(goals)):
        HOLDOUT_SUMS.write(context.store, _name(goals), found)


def _sums(context: Context, goals: Mapping[str, Goal] | None, *, keeps: bool = False) -> HoldoutSums | None:
    """What was kept, or what units and events say if it is of others; None before the first closed day."""
    closed = closed_through(context)
    if closed is None:
        return None
    asked = _asked(context, goals)
    made_of, kept = _made_of(context, asked, closed), HOLDOUT_SUMS.read(context.store, _name(goals))
    if kept is not None and kept.made_of == made_of:
        return kept
    since, sides = _summed(context, asked, closed, by=_name(goals), keeps=keeps)
    return HoldoutSums(made_of=made_of, since=since, sides=sides)


def _name(goals: Mapping[str, Goal] | None) -> str:
    """What sums are kept under: those by the personas' own goals, and those by others beside them."""
    return "own" if goals is None else "other"


def _made_of(context: Context, asked: Sequence[Persona], closed: date) -> str:
    """A text that is another one whenever the sums may be others."""
    store = context.store
    rows = [[(day, etag) for day, etag in each.etags(store).items() if day <= closed] for each in (UNITS, EVENTS)]
    goals = [(persona.id, persona.goal) for persona in asked]
    found = sha256(repr((closed, rows, goals, POLICIES.names(store), SPELLINGS_JOINED.read(store))).encode())
    found.update(as_bytes(store.inbox.links()))
    return found.hexdigest()


def _summed(
    context: Context, asked: Sequence[Persona], closed: date, *, by: str, keeps: bool
) -> tuple[date | None, tuple[SideSums, ...]]:
    """Since when customers enter, and what they did since: from the last entries that hold, or from the first day."""
    with context.engine.keeping() as (engine, kept):
        entries = KeptEntries(context.store, engine, kept, personas=asked, by=by)
        found = entries.newest(closed, from_day=compared_from(context.store))
        found = found or _nobody_yet(context.store, closed, keeps=keeps)
        if found is None:
            return None, ()
        day = week_old(closed)
        if keeps and entries.may_be_kept and day > found.day:
            found = entries.until(found, day)
            entries.keep(found)
        sums = engine.since_entry(closed, entries=entries.until(found, closed).rows, personas=asked)
    return found.since, tuple(
        SideSums(persona=row.pop("persona"), holdout=row.pop("holdout"), numbers=row) for row in sums.to_pylist()
    )


def _nobody_yet(store: Store, closed: date, *, keeps: bool) -> Entered | None:
    """The day before the first on which customers enter; None where nobody of the holdout met a decision."""
    begun = _holdout_begun(store, closed, keeps=keeps)
    if begun is None:
        return None
    since, nobody = max(begun, compared_from(store)), ENTRY_SCHEMA.empty_table()
    return Entered(day=since - timedelta(days=1), since=since, rows=nobody)


def _asked(context: Context, goals: Mapping[str, Goal] | None) -> list[Persona]:
    """The personas to compare, with the goals that they are judged by."""
    if goals is None:
        return [judged(context, each) for each in context.personas]
    return [judged(context, replace(each, goal=goals[each.id])) for each in context.personas if each.id in goals]


def compared_from(store: Store) -> date:
    """The first day on which anybody can enter: what was done in the days before it is kept."""
    first = events_from(store)
    return first if first == date.min else first + timedelta(days=BEFORE_DAYS)


def _holdout_begun(store: Store, closed: date, *, keeps: bool) -> date | None:
    """The first day until ``closed`` on which somebody of the holdout met a decision; None before it.

    With ``keeps`` it is remembered of which days it was seen that there was nobody, as long as there was nobody at all.
    """
    etags = {day: etag for day, etag in UNITS.etags(store).items() if day <= closed}
    seen = NOBODY_HELD.read(store) or {}
    unread = runs(day for day, etag in etags.items() if seen.get(day) != etag)
    if any(_first_held(UNITS.read(store, first, last)) for first, last in unread):
        return _first_held(comparable_units(store, UNITS.read(store, EVER, closed)))
    if keeps and seen != etags:
        NOBODY_HELD.write(store, etags)
    return None


def _first_held(units: Relation) -> date | None:
    held = filtered(units, pc.field("holdout"), UNITS.schema, columns=["cohort"])
    first: date | None = pc.min(held["cohort"]).as_py()
    return first
