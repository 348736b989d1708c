"""The loop: record, fold, learn, refine, publish, decide. Six steps, one function each.

Events are recorded as they come (``loop.record``), those of tables when a cycle begins, and decisions asked for at the
desk (``serving.desk``), all day long; the four steps between them are a cycle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime, timedelta

from living_personas.domain.event import Receipt
from living_personas.domain.refinement import Refinement
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.loop import closing
from living_personas.loop.context import Context
from living_personas.loop.corrections.file_versions import adopt
from living_personas.loop.corrections.promised import budget_of_each, correction_bars, open_book
from living_personas.loop.corrections.refine import alarms, refine_day
from living_personas.loop.corrections.second_look import look_again as second_looks
from living_personas.loop.corrections.second_look import remember_applied
from living_personas.loop.corrections.trait_drift import measure_traits
from living_personas.loop.feed.feed_quality import watch
from living_personas.loop.feed.reported_ratio import and_reported, watch_reported
from living_personas.loop.folding.customers import keep_customers, renew_customers
from living_personas.loop.folding.late_data import folded_again
from living_personas.loop.folding.retention import drop_expired, drop_old_events
from living_personas.loop.holdout.holdout_worth import keep_worth
from living_personas.loop.learning.caps import caps_begin
from living_personas.loop.learning.learn import EvidenceState, learn_day, write_entry
from living_personas.loop.publish import publish_day
from living_personas.loop.recording.signatures import forget_signatures
from living_personas.loop.recording.table_sources import read_tables
from living_personas.loop.splits.breakdowns import count_parts
from living_personas.loop.splits.daily_splits import learn_splits
from living_personas.loop.splits.split_proposals import given_up, propose_parting
from living_personas.refining.panel import DayRows

__all__ = ["Cycle", "fold", "learn", "look_again", "publish", "refine", "run"]


@value
class Cycle:
    """What one run of the loop did: the days it closed, what it proposed, and the snapshot it left.

    ``history`` is the last of the days that it closed in one step, as nobody had met an option yet. ``renewed`` says
    that it told the customers of the last closed day apart anew, by files or data that have changed. ``dropped`` is of
    how many days it dropped the events because of their age. ``read`` is what became of the rows that were new in the
    tables of sources.
    """

    days: tuple[date, ...]
    history: date | None = None
    renewed: bool = False
    dropped: int = 0
    refinements: tuple[Refinement, ...]
    snapshot: Snapshot | None
    read: Mapping[str, Receipt] = field(default_factory=dict)


def run(
    context: Context, *, now: datetime, owner: str, until: date | None = None, lease_seconds: float = 3600.0
) -> Cycle:
    """One cycle: tables are read, all that is recorded is folded, and every day that is over is closed, in order.

    Interrupted anywhere, it is run again and goes on; with nothing new it changes nothing.

    Raises
    ------
    LeaseHeldError
        If another worker is running this workspace.
    IngestError
        If the table of a source cannot be read: then nothing is closed.
    """
    with context.store.lease(owner, now=now, seconds=lease_seconds):
        drop_expired(context, now=now)
        forget_signatures(context, now=now)
        read = read_tables(context, now=now)
        cycle = closing.plan(context, now=now, until=until)
        states = fold(context, cycle, closing.begin(context, cycle, now=now))
        refinements = [*look_again(context, cycle)]
        for number, day in enumerate(cycle.days):
            context.progress(number, len(cycle.days), "days")
            with context.store.commit():
                learned = learn(context, states, day)
                refinements += refine(context, learned, day, describe=day == cycle.days[-1])
                states = publish(context, [each for each, _ in learned], day, today=context.today(now))
                remember_applied(context, day)
                closing.close(context, states, day)
        if cycle.days or cycle.refold:
            keep_worth(context)
        count_parts(context)
        context.progress(len(cycle.days), len(cycle.days), "days")
        dropped = drop_old_events(context, now=now)
        closed = closing.closed_through(context)
        return Cycle(
            days=cycle.days,
            history=cycle.history,
            renewed=not cycle.days and closed is not None and renew_customers(context, closed),
            dropped=dropped,
            refinements=tuple(refinements),
            snapshot=context.store.snapshots.latest(),
            read=read,
        )


def fold(context: Context, cycle: closing.Plan, states: Sequence[EvidenceState]) -> tuple[EvidenceState, ...]:
    """Step 2. Join outcomes to exposures within each goal's horizon, and replace whole days of cells.

    Closed days that late data changed are folded again, and the states reckoned anew: counts change, bets do not.
    """
    return closing.fold_changed(context, cycle, states)


def look_again(context: Context, cycle: closing.Plan) -> tuple[Refinement, ...]:
    """A second look at what was applied, where late data changed what it rests on; then the changes are done with."""
    closed = closing.closed_through(context)
    with context.store.commit():
        asked: tuple[Refinement, ...] = ()
        if cycle.refold and closed is not None:
            asked = (*second_looks(context, closed, changed=cycle.refold), *given_up(context, closed))
        folded_again(context.store)
    return asked


def learn(context: Context, states: Sequence[EvidenceState], day: date) -> list[tuple[EvidenceState, DayRows]]:
    """Step 3. Turn the cells of units that are now complete into evidence, by the ledger of their own day."""
    learn_splits(context, day)
    return [learn_day(context.store, each, day, half_life=context.settings.half_life_days) for each in states]


def refine(
    context: Context, learned: Sequence[tuple[EvidenceState, DayRows]], day: date, *, describe: bool = False
) -> list[Refinement]:
    """Step 4. Propose, judge and apply: an applied refinement is the next persona version, with its reason.

    Nothing is applied on a day whose feed is not sound. With ``describe``, customers are told apart anew, and the
    personas' traits measured on their members.
    """
    feed = watch(context, day)
    watch_reported(context, day)
    wrong = [and_reported(context, state.panel, alarms(state.accounts, state.panel, rows)) for state, rows in learned]
    alarming = [frozenset(each) for each in wrong]
    states = [state for state, _ in learned]
    open_book(context, states, day)
    bars = correction_bars(context, states, day, alarming=alarming)
    found = [
        refinement
        for (state, rows), bar, each in zip(learned, bars, wrong, strict=True)
        for refinement in refine_day(context, state, rows, day, bars=bar, wrong=each, feed=feed)
    ]
    said = {
        state.panel.subjects[a]: texts for state, each in zip(states, wrong, strict=True) for a, texts in each.items()
    }
    found += propose_parting(context, day, wrong=said, feed=feed)
    if describe:
        found += measure_traits(context, keep_customers(context, day), day)
    return found


def publish(
    context: Context, states: Sequence[EvidenceState], day: date, *, today: date | None = None
) -> tuple[EvidenceState, ...]:
    """Step 5. Fix the next day's bets in the ledger and publish a snapshot; the states of the newest versions.

    The new tables begin on a day that has not begun ``today`` (the day after ``day`` unless said).
    """
    tomorrow = day + timedelta(days=1)
    if caps_begin(context, tomorrow):
        adopt(context, tomorrow)
    newest = closing.renewed(context, states)
    entries = write_entry(context.store, newest, tomorrow, budget=budget_of_each(context))
    publish_day(context, newest, entries, day=tomorrow, begins=max(tomorrow, today or tomorrow) + timedelta(days=1))
    return newest
