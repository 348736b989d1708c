"""F11: servers and a worker that share a store in PostgreSQL; either side is killed under load."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from faults.books import EvidenceState, check, client_of, sending
from faults.shop import ROUNDS, open_shop
from figures import tell
from living_personas.addresses import address_of
from local_postgres import PostgresServer, local_postgres
from service.running import serving

pytestmark = pytest.mark.faults


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server that may be killed, and writes through to the disk."""
    with local_postgres(durable=True) as found:
        yield found


@pytest.fixture
def shared(tmp_path: Path, server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose store is in the server, by a variable; it has published once."""
    monkeypatch.setenv("PERSONAS_STORE", server.address("shop").uri + "?schema=shop")
    assert address_of("PERSONAS_STORE").schema == "shop"
    return open_shop(tmp_path / "shop", more="store: PERSONAS_STORE\n")


def test_two_servers_and_a_worker_lose_nothing_when_a_server_is_killed(shared: Path) -> None:
    """P1: 200 means on disk; the other one goes on."""
    state, random = EvidenceState(), np.random.Generator(np.random.PCG64(1))
    with serving(shared, worker=True) as steady, sending(state, steady):
        for _ in range(ROUNDS):
            with serving(shared) as killed, sending(state, killed):
                time.sleep(random.uniform(0.05, 1.5))
                os.killpg(killed.process.pid, signal.SIGKILL)
                killed.process.wait()
    check(state, shared)
    assert len(state.acknowledged) > 20 * ROUNDS
    tell(f"F11 a server killed {ROUNDS} times beside another: 0 of {len(state.acknowledged)} acknowledged events lost")


def test_killing_the_database_loses_nothing_and_the_servers_go_on(shared: Path, server: PostgresServer) -> None:
    """What was not acknowledged is sent again; nobody has to start the servers anew."""
    state, random = EvidenceState(), np.random.Generator(np.random.PCG64(2))
    with ExitStack() as stack:
        for worker in (False, False, True):
            stack.enter_context(sending(state, stack.enter_context(serving(shared, worker=worker))))
        for _ in range(ROUNDS):
            time.sleep(random.uniform(0.5, 2.0))
            server.kill()
            server.start()
        before = len(state.acknowledged)
        time.sleep(5.0)
        assert len(state.acknowledged) > before
    check(state, shared)
    tell(f"F11 PostgreSQL killed {ROUNDS} times under two servers and a worker: 0 of {len(state.acknowledged)} lost")


def test_while_the_database_is_away_the_answer_is_503_within_a_moment(shared: Path, server: PostgresServer) -> None:
    """Nobody hangs, the process is alive, and all goes on by itself."""
    event = {"type": "track", "event": "Counted", "userId": "u1", "messageId": "m1"}
    question = {"customer": "u1", "channel": "email"}
    with serving(shared) as running, client_of(running.url, timeout=30.0) as client:
        before = client.post("/v1/decide", json=question).json()
        server.kill()
        took = []
        for _ in range(20):
            began = time.monotonic()
            assert client.post("/v1/decide", json=question).status_code == 503
            assert client.get("/healthz").status_code == 200
            took.append(time.monotonic() - began)
        assert max(took) < 5.0
        refused = client.post("/v1/batch", json={"batch": [event]})
        assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
        server.start()
        time.sleep(3.0)
        assert client.post("/v1/batch", json={"batch": [event]}).json()["stored"] == 1
        assert client.post("/v1/decide", json=question).json()["persona"] == before["persona"]
    tell(f"F11 the database away: 20 of 20 told so, the slowest in {max(took):.2f} s")
