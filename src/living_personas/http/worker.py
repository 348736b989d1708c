"""The worker: folds, refines and publishes on a schedule, and looks for segments once a week."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from living_personas import loop
from living_personas.channels.webhooks.post import Send, post
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError, LeaseHeldError, LivingPersonasError
from living_personas.http.logs import log_to_stderr
from living_personas.steps import outbox
from living_personas.steps.calendar import closed_through
from living_personas.steps.discover import discover
from living_personas.steps.parts import Parts
from living_personas.wiring import Clock, fresh_rng, open_parts, owner, system_clock

__all__ = ["Turn", "main", "turn", "work"]

_LOG = logging.getLogger("living_personas.worker")

DISCOVERED = "discovered"
"""The fact that holds the last day on which segments were looked for."""

WEEK = timedelta(days=7)

_LOOK_SECONDS = 0.5
_LEAVE_SECONDS = 20.0


@value
class Turn:
    """What one turn did; ``found`` is None unless segments were looked for."""

    days: tuple[date, ...]
    refinements: int
    snapshot: int
    found: int | None
    told: int = 0


def turn(parts: Parts, *, clock: Clock, send: Send = post) -> Turn:
    """One cycle of the loop, a week after the last time a search for segments, and what is news goes out.

    Raises
    ------
    LeaseHeldError
        If another worker is running this workspace.
    """
    cycle = loop.run(parts, now=clock(), owner=owner())
    found = _search(parts, clock=clock)
    return Turn(
        days=cycle.days,
        refinements=len(cycle.refinements),
        snapshot=cycle.snapshot.number if cycle.snapshot else 0,
        found=found,
        told=_tell(parts, clock=clock, send=send),
    )


def work(root: Path, *, every: timedelta, stop: threading.Event, clock: Clock = system_clock) -> None:
    """Take one turn after another until ``stop`` is set; what fails is logged, and tried again the next time."""
    while not stop.is_set():
        try:
            _, parts = open_parts(root, clock=clock)  # anew each time: people edit the files between turns
            with closing(parts.store):
                _log(turn(parts, clock=clock))
        except LeaseHeldError:
            _LOG.info("another worker is running this workspace")
        except LivingPersonasError as error:
            _LOG.error("a turn failed", exc_info=error)
        stop.wait(every.total_seconds())


def main() -> None:
    """The process that `personas serve` starts: a folder, seconds between turns, and who started it."""
    folder, seconds, parent = sys.argv[1:]
    log_to_stderr()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _leave(stop))
    threading.Thread(target=_end_with, args=(int(parent),), name="end-with", daemon=True).start()
    work(Path(folder), every=timedelta(seconds=float(seconds)), stop=stop)


def _leave(stop: threading.Event) -> None:
    """Leave in the middle of a turn, too: what it holds is given back, and the next turn goes on from there."""
    stop.set()
    raise SystemExit(0)


def _end_with(parent: int) -> None:
    """End once the service is gone, however it went: nobody else would end this process."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_LEAVE_SECONDS)
    os._exit(1)  # in the middle of something that hears no signals: interrupted anywhere it goes on the next time


def _tell(parts: Parts, *, clock: Clock, send: Send) -> int:
    """Put what is news into the outbox, and try all that is due; how many were taken."""
    outbox.collect(parts, now=clock())
    found = outbox.deliver_due(parts, now=clock(), rng=fresh_rng(), send=send, secret_of=os.environ.get)
    dead = sum(each.state == "dead" for each in found)
    if dead:
        _LOG.error("changes were given up: see `personas webhooks list`", extra={"events": dead})
    return sum(each.state == "delivered" for each in found)


def _search(parts: Parts, *, clock: Clock) -> int | None:
    day, last = closed_through(parts), parts.day_fact(DISCOVERED)
    if day is None or (last is not None and day - last < WEEK):
        return None
    with parts.store.lease(owner(), now=clock(), seconds=3600):
        try:
            found = len(discover(parts, day))
        except InsufficientEvidenceError:
            found = 0  # too few customers yet: an honest answer, asked again in a week
        parts.store.facts.set({DISCOVERED: day.isoformat().encode()})
    return found


def _log(done: Turn) -> None:
    numbers = {"days": len(done.days), "refinements": done.refinements, "snapshot": done.snapshot, "told": done.told}
    if done.found is not None:
        numbers["found"] = done.found
    _LOG.info("a turn was taken", extra=numbers)


if __name__ == "__main__":
    main()
