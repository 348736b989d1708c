"""Serve a workspace until somebody says stop: the application, and a worker in a process of its own."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType

import uvicorn

from living_personas.http.app import create_app
from living_personas.http.logs import log_to_stderr
from living_personas.http.mounts import mounted
from living_personas.http.service import Service, open_service

__all__ = ["serve"]

_LOG = logging.getLogger("living_personas.http")

EVERY = timedelta(minutes=15)
"""How often the worker takes a turn."""

_DRAIN_SECONDS = 30
_AGAIN_SECONDS = 10.0


def serve(root: Path, *, host: str, port: int, worker: bool = True, every: timedelta = EVERY) -> bool:
    """Serve a workspace until SIGTERM or SIGINT; False if the disk failed, and nothing more may be acknowledged.

    What waits when the signal comes is recorded and answered first.
    """
    log_to_stderr()
    stopping = threading.Event()
    service = open_service(root, broken=stopping.set)
    servers: list[uvicorn.Server] = []
    config = uvicorn.Config(
        create_app(service, mounts=mounted(root, service, ended=lambda: any(each.should_exit for each in servers))),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = uvicorn.Server(config)
    servers.append(server)
    _stop_with(server, stopping)
    with _own_signals(), _worker(root, every) if worker else _nobody():
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
def _nobody() -> Iterator[None]:
    yield


@contextmanager
def _worker(root: Path, every: timedelta) -> Iterator[None]:
    """A worker process, started again if it ends by itself; its work must not slow down answers."""
    # -P: a file in the current folder must not stand in for a module.
    words = (str(root), str(every.total_seconds()), str(os.getpid()))
    command = [sys.executable, "-P", "-m", "living_personas.http.worker", *words]
    stop = threading.Event()
    thread = threading.Thread(target=_keep_running, args=(command, stop), name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _keep_running(command: Sequence[str], stop: threading.Event) -> None:
    while not stop.is_set():
        with subprocess.Popen(command) as process:  # noqa: S603 - our own interpreter and our own words
            while process.poll() is None and not stop.wait(0.2):
                pass
            if process.poll() is None:
                _end(process)
                return
        if not stop.wait(_AGAIN_SECONDS):
            _LOG.error("the worker ended by itself, and is started again")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_DRAIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()  # interrupted anywhere it goes on the next time
