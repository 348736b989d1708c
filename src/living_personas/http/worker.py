"""The worker: folds, refines and publishes on a schedule, and looks for segments once a week."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import date, timedelta
from pathlib import Path

from living_personas.channels.webhooks.post import Send, post
from living_personas.domain.outgoing import Outgoing
from living_personas.domain.segment import LifeEvent, Segment
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError, InvalidColumnError, LeaseHeldError, LivingPersonasError
from living_personas.http.logs import log_to_stderr
from living_personas.http.parent_process import end_with
from living_personas.loop import cycle
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.segments.adopting import settle_files
from living_personas.loop.segments.automatic_adoption import adopt_by_evidence, held_back
from living_personas.loop.segments.discovery import discover, segments
from living_personas.loop.segments.upkeep_proposals import proposals
from living_personas.loop.splits.part_files import write_parts
from living_personas.memory.records import DISCOVERED
from living_personas.outgoing import outbox
from living_personas.wiring import Clock, fresh_rng, open_context, owner, system_clock
from living_personas.workspace.file_problems import InvalidFilesError

__all__ = ["Turn", "main", "publish_first", "turn", "work"]

_LOG = logging.getLogger("living_personas.worker")

WEEK = timedelta(days=7)


@value
class Turn:
    """What one turn did; ``found`` is None unless segments were looked for, ``stored`` unless a table was read."""

    days: tuple[date, ...]
    refinements: int
    snapshot: int
    found: int | None
    adopted: int = 0
    told: int = 0
    stored: int | None = None


def turn(context: Context, root: Path, *, clock: Clock, send: Send = post) -> Turn:
    """One cycle of the loop, a week after the last time a search for segments, and what is news goes out.

    What evidence adopts where ``workspace.yaml`` says so becomes a persona file below ``root``; the next turn takes it
    in.

    Raises
    ------
    LeaseHeldError
        If another worker is running this workspace.
    IngestError
        If the table of a source cannot be read: the next turn tries again.
    """
    settle_files(context.store, root)
    done = cycle.run(context, now=clock(), owner=owner())
    found = _search(context, clock=clock)
    adopted = _adopt(context, root, clock=clock)
    out = outbox.deliver_due(context, clock=clock, rng=fresh_rng(), send=send, secret_of=os.environ.get)
    return Turn(
        days=done.days,
        refinements=len(done.refinements),
        snapshot=done.snapshot.number if done.snapshot else 0,
        found=found,
        adopted=len(adopted),
        told=_taken(out),
        stored=sum(receipt.stored for receipt in done.read.values()) if done.read else None,
    )


def publish_first(root: Path, *, clock: Clock = system_clock) -> None:
    """Publish what people wrote, where nothing was ever published or recorded: whoever serves then has an answer.

    Whatever takes longer (events that wait, tables), is not right in the files, or another worker does, is left to the
    worker's first turn.
    """
    with suppress(LivingPersonasError):  # whoever opens the service, or takes the first turn, says it
        _, context = open_context(root, clock=clock)
        with closing(context.store):
            has_tables = any(source.table for source in context.settings.sources)
            if not has_tables and not context.store.inbox.recorded() and context.store.snapshots.latest() is None:
                cycle.run(context, now=clock(), owner=owner())


def work(root: Path, *, every: timedelta, stop: threading.Event, clock: Clock = system_clock) -> None:
    """Take one turn after another until ``stop`` is set; what fails is logged, and tried again the next time."""
    while not stop.is_set():
        try:
            _, context = open_context(root, clock=clock)  # anew each time: people edit the files between turns
            with closing(context.store):
                _log(turn(context, root, clock=clock))
                write_parts(context, root=root)
        except LeaseHeldError:
            _LOG.info("another worker is running this workspace")
        except Exception as error:  # noqa: BLE001 - whatever it is, the next turn may succeed
            _LOG.error("a turn failed", exc_info=error)
        stop.wait(every.total_seconds())


def main() -> None:
    """The process that `personas serve` starts: a folder, seconds between turns, and who started it."""
    folder, seconds, parent = sys.argv[1:]
    log_to_stderr()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _leave(stop))
    end_with(int(parent))
    work(Path(folder), every=timedelta(seconds=float(seconds)), stop=stop)


def _leave(stop: threading.Event) -> None:
    """Leave in the middle of a turn, too: what it holds is given back, and the next turn goes on from there."""
    stop.set()
    raise SystemExit(0)


def _taken(found: Sequence[Outgoing]) -> int:
    """How many changes were taken; what was given up is logged."""
    dead = sum(each.state == "dead" for each in found)
    if dead:
        _LOG.error("changes were given up: see `personas webhooks list`", extra={"events": dead})
    return sum(each.state == "delivered" for each in found)


def _search(context: Context, *, clock: Clock) -> int | None:
    day, last = closed_through(context), DISCOVERED.read(context.store)
    if day is None or (last is not None and day - last < WEEK):
        return None
    with context.store.lease(owner(), now=clock(), seconds=3600):
        found: int | None
        try:
            found = len(discover(context, day))
            _log_lives(context, day)
            _log_upkeep(context, day)
        except InsufficientEvidenceError:
            found = 0  # too few customers yet: an honest answer, asked again in a week
        except InvalidColumnError as error:
            found = None  # what is wrong with the features stops neither adoptions nor webhooks
            _LOG.error("segments cannot be looked for", exc_info=error)
        DISCOVERED.write(context.store, day)
    return found


def _adopt(context: Context, root: Path, *, clock: Clock) -> tuple[Segment, ...]:
    """Segments that evidence adopts; where files are in the way it is tried again with the next turn."""
    day = closed_through(context)
    if day is None or not context.settings.adopts_by_evidence:
        return ()
    try:
        with context.store.lease(owner(), now=clock(), seconds=3600):
            adopted = adopt_by_evidence(context, root=root, day=day)
    except InvalidFilesError as error:
        _LOG.error("no segment is adopted: the files are not valid", exc_info=error)
        return ()
    for segment in adopted:
        _log_event(segment, segment.life[-1])
    return adopted


def _log_lives(context: Context, day: date) -> None:
    """What a search on a day saw happen to segments, and what holds back those that evidence could adopt."""
    for segment in segments(context):
        for event in segment.life:
            if event.day == day:
                _log_event(segment, event)
        for reason in held_back(context, segment, day) if segment.state == "open" else ():
            _LOG.info("a segment is not adopted by evidence", extra={"segment": segment.id, "why": reason})


def _log_event(segment: Segment, event: LifeEvent) -> None:
    about = {"segment": segment.id, "kind": event.kind, "other": event.other, "share": event.share, "by": event.by}
    _LOG.info("something happened to a segment", extra=about)


def _log_upkeep(context: Context, day: date) -> None:
    """What became of proposals about personas on a day."""
    for found in proposals(context.store):
        for event in found.events:
            if event.day == day:
                about = {"proposal": found.id, "kind": found.kind, "persona": found.persona, "state": event.state}
                _LOG.info("a proposal about personas", extra=about)


def _log(done: Turn) -> None:
    numbers = {"days": len(done.days), "refinements": done.refinements, "snapshot": done.snapshot, "told": done.told}
    beside = {"found": done.found, "adopted": done.adopted or None, "stored": done.stored}
    numbers |= {name: number for name, number in beside.items() if number is not None}
    _LOG.info("a turn was taken", extra=numbers)


if __name__ == "__main__":
    main()
