"""A workspace served by a process of its own, as clients find it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa

from listening import free_port
from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA
from living_personas.domain.cell import CELL_SCHEMA
from living_personas.loop.relations import table_of
from living_personas.wiring import open_context

KEY = "sk_clients"
START_SECONDS = 60
STOP_SECONDS = 30


@dataclass(frozen=True)
class Running:
    """A service that runs, and what it has recorded."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return "127.0.0.1", self.port

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def events(self, name: str) -> list[dict[str, Any]]:
        """Every recorded event of a name: its columns, with the properties read."""
        rows = _recorded(self.folder, "events", EVENT_SCHEMA).to_pylist()
        return [{**row, "properties": json.loads(row["properties"])} for row in rows if row["name"] == name]

    def said(self, name: str, customer: str) -> list[dict[str, Any]]:
        """The properties of every recorded event of a name by one customer."""
        return [event["properties"] for event in self.events(name) if event["customer"] == customer]

    def exposures(self) -> list[dict[str, Any]]:
        """Every recorded exposure."""
        rows: list[dict[str, Any]] = _recorded(self.folder, "exposures", EXPOSURE_SCHEMA).to_pylist()
        return rows

    def cells(self) -> list[dict[str, Any]]:
        """Every cell that was folded."""
        rows: list[dict[str, Any]] = _recorded(self.folder, "cells", CELL_SCHEMA).to_pylist()
        return rows


def personas(*arguments: str, sabotage: str = "") -> list[str]:
    """The command line, as a process of its own is started."""
    broken = f"import faults.sabotage.{sabotage}; " if sabotage else ""
    return [sys.executable, "-c", f"{broken}from living_personas.cli import main; main()", *arguments]


@contextmanager
def serving(
    folder: Path, *, worker: bool = False, before: Sequence[str] = (), words: Sequence[str] = (), sabotage: str = ""
) -> Iterator[Running]:
    """Serve a workspace until the block ends.

    Parameters
    ----------
    worker
        Whether a worker folds and publishes beside it, turn upon turn.
    before
        What the command line is run under, such as strace.
    words
        What else ``personas serve`` is told.
    sabotage
        A module of ``faults.sabotage`` that breaks a promise first, so that tests can be seen to notice.
    """
    port = free_port()
    how = ("--worker-minutes", "0.005") if worker else ("--no-worker",)
    command = [
        *before,
        *personas("serve", "--workspace", str(folder), "--port", str(port), *how, *words, sabotage=sabotage),
    ]
    process = subprocess.Popen(command, start_new_session=True, env=_environment())
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield Running(folder=folder, port=port, process=process)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(STOP_SECONDS)
        _end_session(process.pid)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until an address of a process answers with success."""
    for _ in range(START_SECONDS * 10):
        assert process.poll() is None, f"the service ended with {process.returncode}"
        with suppress(httpx.TransportError):
            if httpx.get(url).is_success:
                return
        time.sleep(0.1)
    raise AssertionError(f"no success from {url} in {START_SECONDS} seconds")


def publish_next(folder: Path) -> None:
    """Another snapshot with the same tables, and the options the other way round: everybody gets another one."""
    _, context = open_context(folder)
    with closing(context.store):
        latest = context.store.snapshots.latest()
        assert latest is not None
        turned = tuple(
            replace(each, attributes=tuple(replace(a, options=a.options[::-1]) for a in each.attributes))
            for each in latest.personas
        )
        context.store.snapshots.publish(replace(latest, number=latest.number + 1, personas=turned))


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]),
    }


def _end_session(leader: int) -> None:
    """Nobody whom the service started may outlive the test."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _recorded(folder: Path, kind: str, schema: pa.Schema) -> pa.Table:
    _, context = open_context(folder)
    try:
        context.store.inbox.seal()
        days = context.store.partitions.days(kind)
        return table_of(context.store.partitions.read(kind, days[0], days[-1])) if days else schema.empty_table()
    finally:
        context.store.close()
