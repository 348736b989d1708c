"""Four servers and two workers on one workspace in PostgreSQL, while servers and the database are killed at random."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import psycopg
import pytest

from faults.books import EvidenceState, check, sending
from faults.shop import open_shop
from figures import tell
from living_personas.addresses import address_of
from living_personas.loop import cycle
from living_personas.stores.sql.sql_store import SqlStore
from living_personas.wiring import open_context, system_clock
from local_postgres import PostgresServer, local_postgres
from service.running import Running, serving

MINUTES = float(os.environ.get("SHARED_MINUTES", "10"))
KILLS_A_MINUTE = 7.5
SERVERS = 4
WORKERS = 2


@dataclass
class Servers:
    """Servers that are started again whenever they end, each with a client that sends to it."""

    folder: Path
    state: EvidenceState
    ready: dict[int, Running] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    not_begun: int = 0

    def keep(self, number: int) -> None:
        """Run one of them, again and again; the first ones have a worker beside them."""
        while not self.stopping.is_set():
            try:
                with (
                    serving(self.folder, worker=number < WORKERS) as running,
                    sending(self.state, running, threads=1, pause=0.05),
                ):
                    self.ready[number] = running
                    while running.process.poll() is None and not self.stopping.is_set():
                        time.sleep(0.05)
            except AssertionError:
                self.not_begun += 1  # the database was away when it asked for it
            finally:
                self.ready.pop(number, None)

    def kill(self, number: int) -> None:
        """Kill one at once, and the worker beside it."""
        with suppress(KeyError, ProcessLookupError):
            os.killpg(self.ready[number].process.pid, signal.SIGKILL)


@dataclass
class Leases:
    """Who held the lease when, as the table of leases said several times a second."""

    uri: str
    stopping: threading.Event
    seen: list[tuple[int, str, bool]] = field(default_factory=list)

    def watch(self) -> None:
        while not self.stopping.is_set():
            with suppress(psycopg.Error), psycopg.connect(self.uri, autocommit=True) as plain:
                plain.execute("SET search_path TO shop")
                while not self.stopping.is_set():
                    found = plain.execute("SELECT turn, owner, expires > 0 FROM lease").fetchone()
                    if found is not None and (not self.seen or self.seen[-1] != found):
                        self.seen.append(found)
                    time.sleep(0.1)
            time.sleep(0.2)

    def check(self) -> None:
        """Each turn had one owner, and no turn came back after another."""
        owners: dict[int, set[str]] = {}
        for turn, owner, _ in self.seen:
            owners.setdefault(turn, set()).add(owner)
        assert all(len(each) == 1 for each in owners.values())
        assert all(before[0] <= after[0] for before, after in pairwise(self.seen))


@pytest.mark.slow
def test_servers_and_workers_share_a_workspace_while_anything_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was acknowledged is there once; one worker at a time; every chain holds, and the loop goes on."""
    with local_postgres(durable=True) as server:
        monkeypatch.setenv("PERSONAS_STORE", server.address("shop").uri + "?schema=shop")
        folder = open_shop(tmp_path / "shop", more="store: PERSONAS_STORE\n")
        servers = Servers(folder, EvidenceState())
        leases = Leases(address_of("PERSONAS_STORE").uri, servers.stopping)
        threads = [threading.Thread(target=servers.keep, args=(number,)) for number in range(SERVERS)]
        threads.append(threading.Thread(target=leases.watch))
        for each in threads:
            each.start()
        try:
            _wait_for_all(servers)
            killed = _killed(servers, server, minutes=MINUTES)
            _wait_for_all(servers)
        finally:
            servers.stopping.set()
            for each in threads:
                each.join()
        found = check(servers.state, folder)
        leases.check()
        _, context = open_context(folder)
        with closing(context.store) as store:
            assert isinstance(store, SqlStore)
            cycle.run(context, now=system_clock(), owner="tests")
            store.versions.verify()
            store.snapshots.verify()
    acknowledged = len(servers.state.acknowledged)
    assert acknowledged > 100 * MINUTES
    workers = len({owner for _, owner, _ in leases.seen if owner != "tests"})
    assert workers >= WORKERS
    tell(
        f"{SERVERS} servers and {WORKERS} workers for {MINUTES:g} minutes, {killed['server']} servers and PostgreSQL "
        f"{killed['database']} times killed: 0 of {acknowledged} acknowledged events lost, 0 of {found.total()} twice; "
        f"{max(turn for turn, *_ in leases.seen)} turns of {workers} workers' processes, never two at a time; "
        f"answers {dict(sorted(servers.state.statuses().items()))}"
    )


def _killed(servers: Servers, server: PostgresServer, *, minutes: float) -> Counter[str]:
    """Kill one of the servers or, one time in four, the database, at random moments; how often."""
    random = np.random.Generator(np.random.PCG64(1))
    until, killed = time.monotonic() + minutes * 60, Counter[str]()
    while time.monotonic() < until:
        time.sleep(random.uniform(0.5, 1.5) * 60 / KILLS_A_MINUTE)
        if random.random() < 0.25:
            server.kill()
            server.start()
            killed["database"] += 1
        elif ready := sorted(servers.ready):
            servers.kill(int(random.choice(ready)))
            killed["server"] += 1
    return killed


def _wait_for_all(servers: Servers) -> None:
    until = time.monotonic() + 300
    while len(servers.ready) < SERVERS:
        assert time.monotonic() < until, servers.ready
        time.sleep(0.2)
