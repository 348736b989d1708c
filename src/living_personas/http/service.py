"""What the routes share: the writer, the view, the clock, the secret that tokens are signed with, and the metrics."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from living_personas.channels.secret_variables import Lookup
from living_personas.channels.user_hash import identity_secrets
from living_personas.http.budget import DAILY_BYTES, Budget
from living_personas.http.given import GivenCounts
from living_personas.http.loads import Loads
from living_personas.http.metrics import Metrics
from living_personas.http.reading_turns import ReadingTurns
from living_personas.http.supervised_thread import LivingThread
from living_personas.http.view import View, Watch
from living_personas.http.writer import Limits, Writer
from living_personas.loop.context import Context
from living_personas.loop.fresh_context import FreshContext
from living_personas.people.keys import signing_secret
from living_personas.wiring import Clock, open_served, secret_bytes, system_clock

__all__ = ["Service", "open_service"]

_LOG = logging.getLogger("living_personas.http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service, for its own routes and for what is mounted beside them.

    ``context`` is for reading by whoever shows something; requests decide from ``view``, and record through
    ``writer`` or, whole files, through ``loads``. ``privacy`` is for erasing and exporting customers, one at a time.
    ``secret`` signs tokens, and by those of ``identity`` browsers prove for whom they speak.
    """

    context: Context
    writer: Writer
    loads: Loads
    privacy: FreshContext
    watch: Watch
    clock: Clock
    secret: bytes
    identity: tuple[bytes, ...]
    metrics: Metrics
    closing: Callable[[], None]
    threads: list[LivingThread]
    """All that must live while it serves, also what others run beside it."""
    given: GivenCounts = field(default_factory=GivenCounts)
    budget: Budget = field(default_factory=Budget)
    turns: ReadingTurns = field(default_factory=ReadingTurns)

    @property
    def view(self) -> View:
        """What is decided from now."""
        return self.watch.view

    def start(self) -> None:
        """Begin to record and to look for news."""
        self.writer.start()
        self.watch.start()

    def close(self) -> None:
        """Record what waits, and let go of the store."""
        self.writer.close()
        self.watch.close()
        self.closing()


def open_service(
    root: Path,
    *,
    clock: Clock = system_clock,
    limits: Limits | None = None,
    broken: Callable[[], object] = lambda: None,
    lookup: Lookup = os.environ.get,
    daily_bytes: int = DAILY_BYTES,
    process: str = "",
) -> Service:
    """The service of a workspace folder: a connection for each kind of work, so that none waits for another.

    ``process`` tells it from others on the same port, in its numbers.

    Raises
    ------
    InvalidSettingsError
        If a secret by which browsers prove for whom they speak is set and cannot be used.
    """
    identity = identity_secrets(lookup)
    reads, writes, loads, watches, asks, privacy = (open_served(root, clock=clock) for _ in range(6))
    metrics = Metrics(process)

    failed = partial(_not_recorded, metrics)
    watch = Watch(FreshContext(root, watches), asks, first=watches, clock=clock, failed=_no_newer_view)
    writer = Writer(writes, clock=clock, limits=limits, failed=failed, broken=broken, told=watch.tell)

    def close() -> None:
        for context in (reads, writes, loads, watches, asks, privacy):
            context.store.close()

    return _watched(
        Service(
            context=reads,
            writer=writer,
            loads=Loads(FreshContext(root, loads), clock=clock),
            privacy=FreshContext(root, privacy),
            watch=watch,
            clock=clock,
            secret=signing_secret(writes, secret_bytes),
            identity=identity,
            metrics=metrics,
            closing=close,
            budget=Budget(daily_bytes),
            threads=[writer.thread, *watch.threads],
        )
    )


def _not_recorded(metrics: Metrics, error: BaseException, count: int) -> None:
    metrics.write_failures.inc()
    _LOG.error("events could not be recorded", extra={"events": count}, exc_info=error)


def _no_newer_view(error: BaseException) -> None:
    _LOG.error("there is no newer view", exc_info=error)


def _watched(service: Service) -> Service:
    """The service with its numbers shown, and what is wrong from the beginning said."""
    _watch_numbers(service)
    if problem := service.watch.held.knowledge.problem:
        _LOG.error("the customers table is damaged, and everybody taken for new: %s", problem)
    return service


def _watch_numbers(service: Service) -> None:
    watch = service.metrics.watch

    def days_behind() -> float:
        desk = service.view.desk
        if desk is None:
            return -1.0
        return float((service.context.today(service.clock()) - desk.published.snapshot.day).days)

    watch("waiting_events", "Events that wait to be recorded.", lambda: service.writer.waiting)
    watch("unsealed_events", "Events recorded and not yet folded.", service.context.store.inbox.waiting)
    watch("snapshot_number", "The snapshot that is decided from.", lambda: _number(service))
    watch("snapshot_days_behind", "Days since the day that the snapshot was made for.", days_behind)
    watch("thread_failures", "Failures of threads that must live.", lambda: sum(e.failures for e in service.threads))
    watch("known_customers", "Ids of whom something is known.", lambda: len(service.watch.held.knowledge))


def _number(service: Service) -> float:
    desk = service.view.desk
    return float(desk.published.snapshot.number if desk else 0)
