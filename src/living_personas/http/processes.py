"""Several processes that answer on one port: this one holds it, and starts each of them again if it ends by itself.

Each is a service of its own, as on machines behind a load balancer; the store is what they share. The sockets are
handed on to them, so that whoever is free takes the next connection, and none is lost that waits while one of them is
gone.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

from living_personas.http.bound import Sockets, answers
from living_personas.http.kept_running import KeptRunning
from living_personas.http.listening import DRAIN_SECONDS, checked_proxies
from living_personas.http.logs import log_to_stderr
from living_personas.http.parent_process import end_with
from living_personas.http.serve import serve, worker_beside
from living_personas.http.worker import publish_first

__all__ = ["main", "serve_in_processes"]

_LOG = logging.getLogger("living_personas.http")

_LOOK_SECONDS = 0.5
_LEAST_SECONDS = 5.0
"""Between two starts of a process."""
_BEGIN_SECONDS = 30.0
"""A process that gives up within so many seconds of the beginning would give up again: nothing is served."""


def serve_in_processes(
    root: Path,
    *,
    count: int,
    sockets: Sockets,
    started: Callable[[], None],
    worker: bool,
    every: timedelta,
    proxies: Sequence[str],
    daily_bytes: int,
) -> bool:
    """Serve a workspace in ``count`` processes until SIGTERM or SIGINT; False if one cannot be started.

    ``started`` is told once the first of them answers.
    """
    log_to_stderr()
    checked_proxies(proxies)
    if worker:
        publish_first(root)
    with _told() as stopping, worker_beside(root, every, []) if worker else nullcontext():
        numbers = [each.fileno() for each in sockets]
        told = {"root": str(root), "sockets": numbers, "proxies": list(proxies), "daily_bytes": daily_bytes}
        kept = [_kept({**told, "number": str(number), "parent": os.getpid()}) for number in range(1, count + 1)]
        try:
            return _look_after(kept, stopping, sockets=sockets, started=started)
        finally:
            for each in kept:
                each.tell()
            for each in kept:
                each.end(seconds=2 * DRAIN_SECONDS)


def main() -> None:
    """One of the processes: what it must know is JSON."""
    told = json.loads(sys.argv[1])
    end_with(told["parent"])
    went_well = serve(
        Path(told["root"]),
        sockets=tuple(socket.socket(fileno=each) for each in told["sockets"]),
        worker=False,
        proxies=told["proxies"],
        daily_bytes=told["daily_bytes"],
        process=told["number"],
    )
    sys.exit(not went_well)


def _kept(told: dict[str, Any]) -> KeptRunning:
    # -P: a file in the current folder must not stand in for a module.
    command = [sys.executable, "-P", "-m", "living_personas.http.processes", json.dumps(told)]
    return KeptRunning(command, files=told["sockets"], least=_LEAST_SECONDS)


def _look_after(
    kept: Sequence[KeptRunning], stopping: threading.Event, *, sockets: Sockets, started: Callable[[], None]
) -> bool:
    """Keep them running until it is time to stop; False if one gives up at the beginning."""
    began, is_told = time.monotonic(), False
    while not stopping.is_set():
        if not is_told and answers(sockets):
            is_told = True
            started()
        if time.monotonic() < began + _BEGIN_SECONDS and any((each.ended_with or 0) > 0 for each in kept):
            _LOG.critical("a process that should serve gave up: see what it said")
            return False
        for number, each in enumerate(kept, start=1):
            try:
                each.look()
            except OSError as error:
                _LOG.error("a process that serves ended by itself; it is started again: %s", error, extra={"n": number})
        stopping.wait(_LOOK_SECONDS)
    return True


@contextmanager
def _told() -> Iterator[threading.Event]:
    """An event that is set once this process is told to end."""
    stopping = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopping.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopping
    finally:
        for number, action in before.items():
            signal.signal(number, action)


if __name__ == "__main__":
    main()
