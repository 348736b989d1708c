"""Late data: which closed days they change. No other day is folded again, however old the event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.consent import LEAVING
from living_personas.domain.event import IDENTIFY
from living_personas.domain.persona import longest_wait
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.event_days.old_days import within_budget
from living_personas.loop.event_days.retired import foldable_from
from living_personas.loop.event_days.seal import DID, MET
from living_personas.loop.folding.counted_anew import days_counted_anew
from living_personas.loop.known.said import consents_in
from living_personas.loop.privacy.consent import named_consent
from living_personas.loop.relations import filtered
from living_personas.memory.records import CHANGED, DIRTY, REFOLD
from living_personas.memory.tables import EVENTS, EXPOSURES, UNITS
from living_personas.ports import Store

__all__ = ["days_to_fold_again", "folded_again", "unfolded"]


def unfolded(context: Context, closed: date | None) -> tuple[date, ...]:
    """The closed days to fold again, from now on remembered until they are: all changes there are go into them.

    Days that are too old for it, as events were dropped, stay as they were counted.
    """
    store = context.store
    changed, waiting = CHANGED.read(store) or {}, set(REFOLD.read(store) or ())
    dirty = DIRTY.read(store)  # what a version before this one left: everything since
    if closed is None:
        waiting = set()
    else:
        if dirty:
            waiting |= set(between(max(dirty, min(UNITS.days(store), default=closed)), closed))
        waiting |= days_to_fold_again(context, within_budget(store, changed, closed), closed)
    waiting |= days_counted_anew(context, closed)
    first = foldable_from(context)
    now = sorted(day for day in waiting if day >= first)
    if changed or dirty or now != (REFOLD.read(store) or []):
        CHANGED.write(store, None)
        DIRTY.write(store, None)
        REFOLD.write(store, now or None)
    return tuple(now)


def folded_again(store: Store) -> None:
    """Forget the days, which are folded again."""
    if REFOLD.read(store):
        REFOLD.write(store, None)


def days_to_fold_again(context: Context, changed: Mapping[str, Iterable[date]], closed: date) -> set[date]:
    """The closed days whose units or cells are others, once something of the ``changed`` days is.

    What happened matters where a unit waits for its outcome; what was met, from its day on, and wherever it was met
    again. A no that came late takes the units of those who said it.
    """
    reach = longest_wait(context.personas)
    units = set(UNITS.days(context.store))
    met = {day for day in changed.get(MET, ()) if day <= closed}
    begun = met | {day for each in met for day in _met_again(context.store, each, closed)}
    for day in {day for day in changed.get(DID, ()) if day <= closed}:
        if any(each in units for each in between(day - reach, day)):
            begun.add(day)
        begun |= _met_after_no(context, day, closed)
    return {day for first in begun for day in between(first, min(first + reach, closed))}


def _met_again(store: Store, day: date, closed: date) -> set[date]:
    """The later days with units of what was met on a day: they may have been met then already."""
    met = filtered(EXPOSURES.read(store, day, day), schema=EXPOSURES.schema, columns=["customer", "attribute", "epoch"])
    alike = pc.field("customer").isin(_all_ids(store, met["customer"].unique().to_pylist()))
    for name in ("attribute", "epoch"):
        alike &= pc.field(name).isin(met[name].unique())
    return _days_with_units(store, alike, day + timedelta(days=1), closed)


def _met_after_no(context: Context, day: date, closed: date) -> set[date]:
    """The days since one on which customers were met who spoke of a consent on it.

    A no takes away the unit of one day, and where they were met again after a yes another one begins.
    """
    speaks = pc.field("name").isin(pa.array([IDENTIFY, *LEAVING], pa.string()))
    said = filtered(EVENTS.read(context.store, day, day), speaks, EVENTS.schema)
    spoke = consents_in(said, named=named_consent(context.settings))["customer"].unique().to_pylist()
    if not spoke:
        return set()
    theirs = pc.field("customer").isin(_all_ids(context.store, spoke))
    met = filtered(EXPOSURES.read(context.store, day, closed), theirs, EXPOSURES.schema, columns=["day"])
    return _days_with_units(context.store, theirs, day, closed) | set(met["day"].to_pylist())


def _days_with_units(store: Store, kept: pc.Expression, first: date, last: date) -> set[date]:
    return set(filtered(UNITS.read(store, first, last), kept, UNITS.schema, columns=["cohort"])["cohort"].to_pylist())


def _all_ids(store: Store, ids: Sequence[str]) -> pa.Array:
    """These ids, and all others of the same customers."""
    links = store.inbox.links(ids)
    return pa.array(sorted({*ids, *links["id"].to_pylist(), *links["customer"].to_pylist()}), pa.string())
