"""The loop: record, fold, learn, refine, publish, decide. Six steps, one function each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from living_personas.deciding.decide import Decider
from living_personas.domain.decision import Decision
from living_personas.domain.event import Event, Quarantined, Receipt
from living_personas.domain.refinement import Refinement
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.errors import InvalidDecisionError
from living_personas.refining.panel import DayRows
from living_personas.steps import calendar
from living_personas.steps.learn import Books, learn_day, write_entry
from living_personas.steps.measure import measure_traits
from living_personas.steps.members import take_stock
from living_personas.steps.parts import Parts
from living_personas.steps.publish import publish_day
from living_personas.steps.record import keep, record_events
from living_personas.steps.refine import refine_day
from living_personas.steps.watch import watch

__all__ = ["Cycle", "decide", "fold", "learn", "publish", "record", "refine", "run"]


@value
class Cycle:
    """What one run of the loop did: the days it closed, what it proposed, and the snapshot it left."""

    days: tuple[date, ...]
    refinements: tuple[Refinement, ...]
    snapshot: Snapshot | None


def run(parts: Parts, *, now: datetime, owner: str, until: date | None = None, lease_seconds: float = 3600.0) -> Cycle:
    """One cycle: everything that is recorded is folded, and every day that is over is closed, in order.

    Interrupted anywhere, it is run again and goes on; with nothing new it changes nothing.

    Raises
    ------
    LeaseHeldError
        If another worker is running this workspace.
    """
    with parts.store.lease(owner, now=now, seconds=lease_seconds):
        cycle = calendar.plan(parts, now=now, until=until)
        books = fold(parts, cycle, calendar.begin(parts, cycle, now=now))
        refinements: list[Refinement] = []
        for number, day in enumerate(cycle.days):
            parts.progress(number, len(cycle.days), "days")
            with parts.store.commit():
                learned = learn(parts, books, day)
                refinements += refine(parts, learned, day, describe=day == cycle.days[-1])
                books = publish(parts, [each for each, _ in learned], day, today=parts.today(now))
                calendar.close(parts, books, day)
        parts.progress(len(cycle.days), len(cycle.days), "days")
        return Cycle(days=cycle.days, refinements=tuple(refinements), snapshot=parts.store.snapshots.latest())


def record(
    parts: Parts, events: Sequence[Event], *, received: datetime, quarantined: Sequence[Quarantined] = ()
) -> Receipt:
    """Step 1. Record events once, durably; rows that cannot be events go to quarantine."""
    return record_events(parts, events, received=received) + keep(parts, quarantined, received=received)


def fold(parts: Parts, cycle: calendar.Plan, books: Sequence[Books]) -> tuple[Books, ...]:
    """Step 2. Join outcomes to exposures within each goal's horizon, and replace whole days of cells.

    Closed days that late data changed are folded again, and the books reckoned anew: counts change, bets do not.
    """
    return calendar.fold_changed(parts, cycle, books)


def learn(parts: Parts, books: Sequence[Books], day: date) -> list[tuple[Books, DayRows]]:
    """Step 3. Turn the cells of units that are now complete into evidence, by the ledger of their own day."""
    return [learn_day(parts, each, day) for each in books]


def refine(
    parts: Parts, learned: Sequence[tuple[Books, DayRows]], day: date, *, describe: bool = False
) -> list[Refinement]:
    """Step 4. Propose, judge and apply: an applied refinement is the next persona version, with its reason.

    Nothing is applied on a day whose feed is not sound. With ``describe``, customers are told apart anew, and the
    personas' traits measured on their members.
    """
    feed = watch(parts, day)
    found = [refinement for books, rows in learned for refinement in refine_day(parts, books, rows, day, feed=feed)]
    if describe:
        found += measure_traits(parts, take_stock(parts, day), day)
    return found


def publish(parts: Parts, books: Sequence[Books], day: date, *, today: date | None = None) -> tuple[Books, ...]:
    """Step 5. Fix the next day's bets in the ledger and publish a snapshot; the books of the newest versions.

    The new tables begin on a day that has not begun ``today`` (the day after ``day`` unless said).
    """
    newest = calendar.renewed(parts, books)
    tomorrow = day + timedelta(days=1)
    entries = write_entry(parts, newest, tomorrow)
    publish_day(parts, newest, entries, day=tomorrow, begins=max(tomorrow, today or tomorrow) + timedelta(days=1))
    return newest


def decide(
    parts: Parts,
    customer: str,
    known: Mapping[str, object],
    *,
    at: datetime,
    channel: str = "",
    visit: str = "",
    campaign: str = "",
) -> Decision:
    """Step 6. Choose for one customer now: a rule match plus a hash, under the newest snapshot."""
    snapshot = parts.store.snapshots.latest()
    if snapshot is None:
        raise InvalidDecisionError("Nothing has been published yet.", hint="run `personas run` once.")
    decider = Decider(snapshot)
    return decider.decide(customer, known, at=at, channel=channel, visit=visit, campaign=campaign)
