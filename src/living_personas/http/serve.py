"""Serve a workspace until somebody says stop: the application, and a worker in a process of its own."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from types import FrameType

import uvicorn

from living_personas.http.app import create_app
from living_personas.http.budget import DAILY_BYTES
from living_personas.http.listening import DRAIN_SECONDS, listening
from living_personas.http.living_thread import LivingThread
from living_personas.http.logs import log_to_stderr
from living_personas.http.mounts import mounted
from living_personas.http.service import Service, open_service

__all__ = ["serve"]

_LOG = logging.getLogger("living_personas.http")

EVERY = timedelta(minutes=15)
"""How often the worker takes a turn."""

_AGAIN_SECONDS = 10.0


def serve(
    root: Path,
    *,
    host: str,
    port: int,
    worker: bool = True,
    every: timedelta = EVERY,
    proxies: Sequence[str] = (),
    daily_bytes: int = DAILY_BYTES,
) -> bool:
    """Serve a workspace until SIGTERM or SIGINT; False if the disk failed, and nothing more may be acknowledged.

    What waits when the signal comes is recorded and answered first. ``proxies`` are addresses and networks whose word
    on who asks is taken; ``daily_bytes`` are those that a key of a page may bring on a day.
    """
    log_to_stderr()
    stopping = threading.Event()
    service = open_service(root, broken=stopping.set, daily_bytes=daily_bytes)
    servers: list[uvicorn.Server] = []

    def ended() -> bool:
        return any(each.should_exit for each in servers)

    app = create_app(service, mounts=mounted(root, service, ended=ended), ended=ended)
    config = listening(app, host=host, port=port, proxies=proxies)
    service.metrics.watch("connections", "Connections that are open.", lambda: len(config.gate))
    service.metrics.watch("connections_cut", "Connections closed for what they cost.", lambda: config.gate.closed)
    server = uvicorn.Server(config)
    servers.append(server)
    _stop_with(server, stopping)
    with _own_signals(), _worker(service, root, every) if worker else nullcontext():
        server.run()
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
def _worker(service: Service, root: Path, every: timedelta) -> Iterator[None]:
    """A worker process, started again if it ends by itself; its work must not slow down answers."""
    # -P: a file in the current folder must not stand in for a module.
    words = (str(root), str(every.total_seconds()), str(os.getpid()))
    kept = _KeptRunning([sys.executable, "-P", "-m", "living_personas.http.worker", *words])
    failed = "the worker ended by itself, or cannot be started; it is tried again"
    thread = LivingThread(
        "worker", kept.look, period=_AGAIN_SECONDS, failed=lambda error: _LOG.error(failed, exc_info=error)
    )
    service.threads.append(thread)
    thread.start()
    try:
        yield
    finally:
        thread.close()
        kept.end()


class _KeptRunning:
    """A process that is started, and started again if it ended by itself; each of those ends is a failure."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def look(self) -> None:
        """Start it unless it runs."""
        before = self._process
        if before is not None and before.poll() is None:
            return
        self._process = subprocess.Popen(self._command)  # noqa: S603 - our own interpreter and our own words
        if before is not None:
            raise ChildProcessError(f"it ended with {before.returncode}")

    def end(self) -> None:
        """End it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            _end(self._process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(DRAIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()  # interrupted anywhere it goes on the next time
