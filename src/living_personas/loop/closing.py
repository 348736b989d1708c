"""Which days a cycle folds and closes, and the evidence that it begins with and leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import pyarrow.compute as pc

from living_personas.deciding.next_snapshot import counted_who
from living_personas.domain.persona import Attribute, Persona, PersonaVersion, longest_wait
from living_personas.domain.settings import Promise
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.corrections.file_versions import adopt
from living_personas.loop.corrections.promised import budget_of_each, promised
from living_personas.loop.corrections.trait_drift import measure_members
from living_personas.loop.days import between, runs
from living_personas.loop.event_days.lateness import lateness, measure_arrivals, note_arrivals, waits_in_force
from living_personas.loop.event_days.retired import foldable_from
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.folding.customers import keep_customers
from living_personas.loop.folding.fold import fold_cells, fold_units
from living_personas.loop.folding.late_data import unfolded
from living_personas.loop.folding.unit_counts import keep_unit_counts
from living_personas.loop.learning.caps import fix_caps, freeze_caps
from living_personas.loop.learning.checkpoints import Checkpoint, checkpoint_before, forget_checkpoints, keep_checkpoint
from living_personas.loop.learning.learn import (
    EvidenceState,
    Waits,
    entry_for,
    learn_day,
    opened_states,
    panel_of,
    write_entry,
)
from living_personas.loop.publish import publish_day
from living_personas.loop.relations import row_count
from living_personas.loop.splits.breakdowns import forget_part_days
from living_personas.loop.splits.daily_splits import forget_split_days, learn_splits
from living_personas.memory.records import (
    ACCOUNTS,
    CHANGED,
    CLOSED,
    COMPLETE,
    CREDIT,
    EVIDENCE_ABOUT,
    HISTORY,
    LATENESS,
    PROMISED,
    STARTED,
)
from living_personas.memory.tables import EVENTS, EXPOSURES, UNITS
from living_personas.ports import Store
from living_personas.refining.accounts import Accounts, carried

__all__ = [
    "Plan",
    "begin",
    "close",
    "closed_through",
    "fold_changed",
    "kept_states",
    "next_day",
    "plan",
    "recounted",
    "renewed",
]

ONE_DAY = timedelta(days=1)


@value
class Plan:
    """The days to close, in order, and the closed days that late data changed: they are folded again.

    ``history`` is the last day of those that are closed in one step, as nobody met an option yet. ``anew`` says that
    what was taken for history is not: somebody met an option then, so that the days are closed one by one after all.
    """

    days: tuple[date, ...]
    refold: tuple[date, ...] = ()
    history: date | None = None
    anew: bool = False


def plan(context: Context, *, now: datetime, until: date | None = None) -> Plan:
    """Seal what waits, and find out which days to fold and to close.

    A day is closed when it is over (or at ``until``) and the data reach beyond it: days without any data stay open,
    because a feed that has stopped tells nothing. Sources whose rows are final reach as far as their outcomes do.
    """
    seal_waiting(context)
    last = until or min(context.yesterday(now), _data_reach(context, now) or date.min)
    met, history = min(EXPOSURES.days(context.store), default=date.max), HISTORY.read(context.store)
    anew = history is not None and met <= min(history, last)
    closed = None if anew else closed_through(context)
    if met > last and (closed is None or history is not None):
        return Plan(days=(), history=_history_through(context, last, closed))
    with context.store.commit():
        refold = unfolded(context, closed)
    return Plan(days=tuple(between(closed + ONE_DAY if closed else met, last)), refold=refold, anew=anew)


def begin(context: Context, cycle: Plan, *, now: datetime) -> tuple[EvidenceState, ...]:
    """Take in what the files say, and open the states; the first time, fix the first day's bets and publish."""
    _credit_anew(context)
    _wait_anew(context)
    with context.store.commit():
        if cycle.anew:
            _forget_history(context.store)
        if cycle.history:
            return _close_history(context, cycle.history, today=context.today(now))
        day = next_day(context, now=now) if closed_through(context) or not cycle.days else cycle.days[0]
        fix_caps(context, _with_next(cycle.days) or (day,))
        new = adopt(context, day)
        states = renewed(context, kept_states(context))
        if cycle.days and closed_through(context) is None and (new or STARTED.read(context.store) != day):
            entries = write_entry(context.store, states, day, budget=budget_of_each(context))
            STARTED.write(context.store, day)
            publish_day(context, states, entries, day=day, begins=day)
        elif not cycle.days and (new or _snapshot_is_behind(context)):
            entries = tuple(entry_for(context.store, each, day) for each in states)
            publish_day(context, states, entries, day=day, begins=_begins(context, day, context.today(now)))
    return states


def fold_changed(context: Context, cycle: Plan, states: Sequence[EvidenceState]) -> tuple[EvidenceState, ...]:
    """Fold the days to close, and closed days that changed; then the states are reckoned again from the ledger."""
    for first, last in runs((*cycle.refold, *cycle.days)):
        fold_units(context, first, last)
    freeze_caps(context, _with_next(cycle.days))
    for first, last in runs((*cycle.refold, *cycle.days)):
        fold_cells(context, first, last)
    keep_unit_counts(context.store)
    return recounted(context, cycle, states)


def recounted(context: Context, cycle: Plan, states: Sequence[EvidenceState]) -> tuple[EvidenceState, ...]:
    """The states by cells that were made anew, and when their outcomes came."""
    closed, started = closed_through(context), STARTED.read(context.store)
    if newest := max(cycle.days, default=closed):
        note_arrivals(context.store, (*cycle.refold, *cycle.days), closing=newest)
    mended = tuple(states)
    if cycle.refold and closed is not None and started is not None:
        mended = _reckoned(context, started, closed, changed=min(cycle.refold))
        keep_states(context, mended)
        with context.store.commit():
            forget_split_days(context, cycle.refold)
            forget_part_days(context, cycle.refold)
            learn_splits(context, closed)
    return mended


def _with_next(days: Sequence[date]) -> tuple[date, ...]:
    """The days, and the one after the last."""
    return (*days, days[-1] + ONE_DAY) if days else ()


def close(context: Context, states: Iterable[EvidenceState], day: date) -> None:
    """Remember that a day is closed, and the states after it."""
    CLOSED.write(context.store, day)
    if HISTORY.read(context.store):
        HISTORY.write(context.store, None)
    after = tuple(states)
    keep_states(context, after)
    keep_checkpoint(context.store, _checkpoint(context, after, day), closed=day)


def keep_states(context: Context, states: Iterable[EvidenceState]) -> None:
    """Remember the accounts, and which versions they are about."""
    gone: dict[str, Accounts | None] = dict.fromkeys(ACCOUNTS.names(context.store))
    promise = promised(context)
    with context.store.commit():
        ACCOUNTS.write_all(context.store, gone | {str(each.wait): each.accounts for each in states})
        if promise != PROMISED.read(context.store):
            forget_checkpoints(context.store)
            PROMISED.write(context.store, promise)
        EVIDENCE_ABOUT.write(context.store, {version.id: version.version for version in context.versions()})


def renewed(
    context: Context, states: Iterable[EvidenceState], *, versions: Sequence[PersonaVersion] | None = None
) -> tuple[EvidenceState, ...]:
    """The states of the newest versions, or of others, going on from what these hold."""
    newest = context.versions() if versions is None else versions
    return opened_states(newest, states, waits=_waits(context.store), promise=promised(context))


def closed_through(context: Context) -> date | None:
    """The last closed day, if there is one."""
    return CLOSED.read(context.store)


def next_day(context: Context, *, now: datetime) -> date:
    """The first day that is not closed: changes that people make hold from it on."""
    closed = closed_through(context)
    return closed + ONE_DAY if closed else context.yesterday(now) + ONE_DAY


EPOCH_END = "every unit, until its epoch has ended and the goal's horizon has passed"
"""The rule by which outcomes count; see ``engines.expressions.credit``."""


def _credit_anew(context: Context) -> None:
    """Count outcomes by today's rule where a version before this one left cells and accounts by another one, once.

    Units and ledger stay what they were: outcomes count for other units, and the bets placed are played anew.
    """
    store = context.store
    if CREDIT.read(store) == EPOCH_END:
        return
    closed, started = closed_through(context), STARTED.read(store)
    if closed is not None and started is not None and (days := UNITS.days(store)):
        fold_cells(context, max(min(started, *days), foldable_from(context)), closed)
    with store.commit():
        CREDIT.write(store, EPOCH_END)
        if closed is not None and started is not None:
            keep_states(context, _reckoned(context, started, closed))


def _wait_anew(context: Context) -> None:
    """Wait for outcomes for as long as people say now, or as was measured; another wait plays the bets placed anew.

    No evidence is lost: what was bet on each day is in the ledger, and the units are in the cells.
    """
    closed, started = closed_through(context), STARTED.read(context.store)
    with context.store.commit():
        if closed is not None:
            measure_arrivals(context, closed)
        late = lateness(context)
        if late == (LATENESS.read(context.store) or {}):
            return
        LATENESS.write(context.store, late or None)
        if closed is not None and started is not None:
            keep_states(context, _reckoned(context, started, closed))


def _waits(store: Store) -> Waits:
    """After how many days units are complete, by the rule that the kept accounts were reckoned by."""
    return waits_in_force(store) if CREDIT.read(store) == EPOCH_END else _wait_of_before


def _wait_of_before(persona: Persona, attribute: Attribute) -> int:
    del attribute  # an outcome counted until the next unit took over, whatever the epoch
    return persona.goal.horizon_days


def _reckoned(
    context: Context, started: date, closed: date, *, changed: date | None = None
) -> tuple[EvidenceState, ...]:
    """The states after the last closed day, from the cells that there are and the bets of the ledger.

    Where only outcomes and units from the day ``changed`` on are others, from the last checkpoint before it.
    """
    forget_checkpoints(context.store, since=changed or date.min)
    kept = checkpoint_before(context.store, changed) if changed else None
    before = _states_about(context, kept.about, kept.accounts) if kept else ()
    states = renewed(context, before)
    for day in between(kept.day + ONE_DAY if kept else started, closed):
        half_life = context.settings.half_life_days
        states = tuple(learn_day(context.store, each, day, half_life=half_life)[0] for each in states)
        keep_checkpoint(context.store, _checkpoint(context, states, day), closed=closed)
    return states


def _data_reach(context: Context, now: datetime) -> date | None:
    """The last day that the data tell about: what is dated after this moment tells nothing."""
    today = context.today(now)
    told = [day for day in EVENTS.days(context.store) if day <= today]
    if told and told[-1] == today and not row_count(EVENTS.read(context.store, today, today), pc.field("time") <= now):
        told.pop()
    if not told:
        return None
    wait = longest_wait(context.personas)
    return max([told[-1], *(min(day, told[-1]) + wait for day in COMPLETE.all(context.store).values())])


def _history_through(context: Context, last: date, closed: date | None) -> date | None:
    """The last day of the history to close in one step, if there is anything new in it."""
    told = min(EVENTS.days(context.store), default=date.max) <= last
    return (
        last if told and (closed is None or last > closed or (last == closed and CHANGED.read(context.store))) else None
    )


def _close_history(context: Context, day: date, *, today: date) -> tuple[EvidenceState, ...]:
    """Close all days up to one in one step: nobody met an option, so that no unit waits and nothing can be learned.

    Everybody is known from then on, and the first bets are those of the day after.
    """
    first = day + ONE_DAY
    fix_caps(context, (first,))
    adopt(context, first)
    states = renewed(context, kept_states(context))
    entries = write_entry(context.store, states, first, budget=budget_of_each(context))
    begins = _begins(context, first, today)
    CHANGED.write(context.store, None)
    STARTED.write(context.store, first)
    HISTORY.write(context.store, day)
    CLOSED.write(context.store, day)
    keep_states(context, states)
    measure_members(context, keep_customers(context, day))
    publish_day(context, states, entries, day=first, begins=begins)
    return states


def _forget_history(store: Store) -> None:
    """Somebody met an option on a day that was closed as history: nothing was bet or learned so far."""
    for record in (STARTED, HISTORY, CLOSED):
        record.write(store, None)
    ACCOUNTS.write_all(store, dict.fromkeys(ACCOUNTS.names(store)))
    forget_checkpoints(store)
    EVIDENCE_ABOUT.write(store, None)


def _begins(context: Context, day: date, today: date) -> date:
    """When new tables begin: at once if they are the first, or else on a day that has not begun."""
    return max(day, today) + ONE_DAY if context.store.snapshots.latest() else day


def kept_states(context: Context) -> tuple[EvidenceState, ...]:
    """The states after the last closed day, with the panels of the versions that they are about."""
    return _states_about(context, EVIDENCE_ABOUT.read(context.store) or {}, ACCOUNTS.all(context.store))


def _states_about(
    context: Context, about: Mapping[str, int], accounts: Mapping[str, Accounts]
) -> tuple[EvidenceState, ...]:
    """Accounts by their wait, with the panels of the versions that they are about."""
    promise: Promise = "all" if PROMISED.read(context.store) == "all" else "each"
    held = context.store.versions
    newest = {(each.id, each.version): each for each in held.latest()}
    versions = [newest.get((persona, number)) or held.history(persona)[number - 1] for persona, number in about.items()]
    found = []
    for wait, kept in accounts.items():
        panel = panel_of(versions, int(wait), waits=_waits(context.store), promise=promise)
        found.append(EvidenceState(wait=int(wait), panel=panel, accounts=carried(kept, panel)))
    return tuple(found)


def _checkpoint(context: Context, states: Iterable[EvidenceState], day: date) -> Checkpoint:
    about = {version.id: version.version for version in context.versions()}
    return Checkpoint(day=day, about=about, accounts={str(each.wait): each.accounts for each in states})


def _snapshot_is_behind(context: Context) -> bool:
    snapshot = context.store.snapshots.latest()
    published = {(each.persona, each.version, each.who) for each in snapshot.personas} if snapshot else set()
    ignore = context.settings.ignore
    return published != {
        (each.id, each.version, counted_who(each.persona.who, ignore=ignore)) for each in context.versions()
    }
