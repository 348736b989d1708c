"""What is kept for a time only: rows that wait in quarantine longer than people said, and what customers did long ago.

Of a day whose events are dropped, what was counted stays: its cells, units and exposures, and the totals that features
are put together from. So do the rows in which customers say something of themselves: traits, consents, other ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.consent import LEAVING
from living_personas.domain.event import ALIAS, IDENTIFY, UNLINK
from living_personas.domain.forgotten_ids import ForgettingIds
from living_personas.domain.kept_days import Retired, least_kept
from living_personas.domain.persona import longest_wait
from living_personas.loop.context import Context
from living_personas.loop.event_days.retired import events_from, foldable_from, longest_reach
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.folding.fold import used_columns
from living_personas.loop.known.totals import make_for_good
from living_personas.loop.relations import filtered
from living_personas.memory.records import CHANGED, CLOSED, EXPIRED, OLD_DAYS_WAITING, REFOLD
from living_personas.memory.retired_records import FORGETTING_IDS, IDS_FORGOTTEN, RETIRED, RETIRED_DAYS
from living_personas.memory.tables import EVENTS
from living_personas.ports import Store

__all__ = ["SAID", "drop_expired", "drop_old_events"]

SAID = (IDENTIFY, ALIAS, UNLINK, *LEAVING)
"""The events in which customers say something of themselves: they stay until somebody is erased."""

_ONE_DAY = timedelta(days=1)

_AHEAD = timedelta(days=3)
"""By how much the day of an event may be later than that on which it came, in whatever time zone either is."""


def drop_expired(context: Context, *, now: datetime) -> int:
    """Drop the rows of quarantine that are older than `retention` in workspace.yaml; how many."""
    kept = context.settings.quarantine_kept
    if kept is None:
        return 0
    with context.store.commit():
        dropped = context.store.quarantine.expire(before=now - kept, now=now)
        if dropped:
            EXPIRED.write(context.store, (EXPIRED.read(context.store) or 0) + dropped)
    return dropped


def drop_old_events(context: Context, *, now: datetime) -> int:
    """Drop what customers did on days that are older than `retention` in workspace.yaml; of how many days.

    A day is dropped once it is closed, and nothing that may still be counted looks back as far. Each is dropped in one
    transaction: interrupted, the others follow the next time.
    """
    kept = context.settings.events_kept
    if kept is None:
        return 0
    if RETIRED.read(context.store) is not None:
        EVENTS.replace(context.store, {})  # outside of a transaction: files that nobody can be reading any more go
    dropped = 0
    while _drop_next(context, before=context.today(now) - kept):
        dropped += 1
        context.progress(dropped, dropped, "days of old events")
    _forget_ids(context)
    return dropped


def _forget_ids(context: Context) -> None:
    """Forget the ids of events that came in months of which no event could be counted again: it would be too late.

    When an event came, it was of a day that had been, or was to be on the next.
    """
    retired = RETIRED.read(context.store)
    if retired is None:
        return
    # Goals that look less far ahead let days be folded again that were not: never those before ``again``.
    month = (min(retired.again, foldable_from(context)) - _AHEAD).replace(day=1)
    if month > (IDS_FORGOTTEN.read(context.store) or date.min):
        _forget_before(context, month)
        IDS_FORGOTTEN.write(context.store, month)


def _forget_before(context: Context, month: date) -> None:
    """Forget what came before a month, some at a time: interrupted, it goes on there the next time."""
    store, begun = context.store, FORGETTING_IDS.read(context.store)
    place, is_all = begun.place if begun and begun.before == month else 0, False
    while not is_all:
        with store.commit():
            step = store.inbox.forget_ids(before=month, place=place)
            place, is_all = step.place, step.is_all
            FORGETTING_IDS.write(store, None if is_all else ForgettingIds(before=month, place=place))
        context.progress(place, step.of, "message ids to forget")


def _drop_next(context: Context, *, before: date) -> bool:
    """Drop the events of the first day that is due, if there is one."""
    store = context.store
    with store.commit():
        seal_waiting(context)  # what was recorded until now is on its day, or changes one that waits to be folded
        due = [day for day in EVENTS.days(store) if events_from(store) <= day < min(before, _needed_from(context))]
        if not due:
            return False
        day, before_it = due[0], RETIRED.read(store)
        make_for_good(context, [day], traits=used_columns(context)[1])
        again = day + _ONE_DAY + longest_reach(context)
        RETIRED_DAYS.write(store, {**(RETIRED_DAYS.read(store) or {}), day: EVENTS.etags(store)[day]})
        RETIRED.write(store, Retired(through=day, again=max(again, before_it.again) if before_it else again))
        said = pc.field("name").isin(pa.array(SAID, pa.string()))
        EVENTS.replace(store, {day: filtered(EVENTS.read(store, day, day), said, EVENTS.schema)})
    return True


def _needed_from(context: Context) -> date:
    """The first day whose events may still be counted or looked at; the first of all before a day is closed."""
    closed = CLOSED.read(context.store)
    if closed is None:
        return date.min
    reach = longest_reach(context)
    lateness = reach - longest_wait(context.personas)  # as it was measured, where nobody said
    looked_at = closed - least_kept(context.settings, context.personas) - lateness
    return min(looked_at, *(day - reach for day in _waiting(context.store, foldable_from(context))), closed)


def _waiting(store: Store, first: date) -> Iterator[date]:
    """The days that changed, and are not folded again yet."""
    changed = [day for days in (CHANGED.read(store) or {}).values() for day in days]
    for day in (*changed, *(REFOLD.read(store) or ()), *(OLD_DAYS_WAITING.read(store) or ())):
        if day >= first:
            yield day
