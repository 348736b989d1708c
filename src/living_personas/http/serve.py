"""Serve a workspace until somebody says stop: the application, and a worker in a process of its own."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from types import FrameType

import uvicorn

from living_personas.http.app import create_app
from living_personas.http.bound import AnsweringServer, Sockets
from living_personas.http.budget import DAILY_BYTES
from living_personas.http.kept_running import KeptRunning
from living_personas.http.listening import listening
from living_personas.http.logs import log_to_stderr
from living_personas.http.mounts import mounted
from living_personas.http.service import Service, open_service
from living_personas.http.supervised_thread import LivingThread
from living_personas.http.worker import publish_first

__all__ = ["serve", "worker_beside"]

_LOG = logging.getLogger("living_personas.http")

EVERY = timedelta(minutes=15)
"""How often the worker takes a turn."""

_AGAIN_SECONDS = 10.0


def serve(
    root: Path,
    *,
    sockets: Sockets,
    started: Callable[[], None] | None = None,
    worker: bool = True,
    every: timedelta = EVERY,
    proxies: Sequence[str] = (),
    daily_bytes: int = DAILY_BYTES,
    process: str = "",
) -> bool:
    """Serve a workspace until SIGTERM or SIGINT; False if the disk failed, and nothing more may be acknowledged.

    What waits when the signal comes is recorded and answered first. ``started`` is told once the ``sockets`` answer.
    ``proxies`` are addresses and networks whose word on who asks is taken; ``daily_bytes`` are those that a key of a
    page may bring on a day; ``process`` tells this process from others in its numbers.
    """
    log_to_stderr()
    stopping = threading.Event()
    if worker:
        publish_first(root)
    service = open_service(root, broken=stopping.set, daily_bytes=daily_bytes, process=process)
    servers: list[uvicorn.Server] = []

    def ended() -> bool:
        return any(each.should_exit for each in servers)

    app = create_app(service, mounts=mounted(root, service, ended=ended), ended=ended)
    config = listening(app, proxies=proxies)
    service.metrics.watch("connections", "Connections that are open.", lambda: len(config.gate))
    service.metrics.watch("connections_cut", "Connections closed for what they cost.", lambda: config.gate.closed)
    server = AnsweringServer(config, sockets=sockets, started=started)
    servers.append(server)
    _stop_with(server, stopping)
    with _own_signals(), worker_beside(root, every, service.threads) if worker else nullcontext():
        server.answer()
    stopping.set()
    return _ended(service)


def _ended(service: Service) -> bool:
    if service.writer.is_broken:
        _LOG.critical("the disk failed: the service has stopped; what it had acknowledged is on disk")
    return not service.writer.is_broken


def _stop_with(server: uvicorn.Server, stopping: threading.Event) -> None:
    """Stop the server once the event is set."""

    def wait() -> None:
        stopping.wait()
        server.should_exit = True

    threading.Thread(target=wait, name="fail-stop", daemon=True).start()


@contextmanager
def _own_signals() -> Iterator[None]:
    """Uvicorn raises a signal again once it has stopped: here it has done its work, and the rest must be tidied."""

    def noted(_number: int, _frame: FrameType | None) -> None:
        pass

    before = {number: signal.signal(number, noted) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)


@contextmanager
def worker_beside(root: Path, every: timedelta, threads: list[LivingThread]) -> Iterator[None]:
    """A worker process, started again if it ends by itself; its work must not slow down answers.

    The thread that looks after it is one of ``threads``, while it runs.
    """
    # -P: a file in the current folder must not stand in for a module.
    words = (str(root), str(every.total_seconds()), str(os.getpid()))
    kept = KeptRunning([sys.executable, "-P", "-m", "living_personas.http.worker", *words])
    failed = "the worker ended by itself, or cannot be started; it is tried again"
    thread = LivingThread(
        "worker", kept.look, period=_AGAIN_SECONDS, failed=lambda error: _LOG.error(failed, exc_info=error)
    )
    threads.append(thread)
    thread.start()
    try:
        yield
    finally:
        thread.close()
        kept.end()
