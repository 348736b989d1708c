"""F1: killed at a random instant, with and without a worker beside it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from faults.books import EvidenceState, check, faults_in, recorded, sending
from faults.shop import ROUNDS
from figures import tell
from service.running import serving

pytestmark = pytest.mark.faults


def kill(folder: Path, state: EvidenceState, *, after: float, worker: bool = False, sabotage: str = "") -> None:
    """Serve, be sent events, and be killed, with everybody who was started."""
    with serving(folder, worker=worker, sabotage=sabotage) as running, sending(state, running):
        time.sleep(after)
        os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()


@pytest.mark.promise("P1")
@pytest.mark.parametrize("worker", [False, True], ids=["alone", "with a worker"])
def test_what_was_acknowledged_survives_kill_9(shop: Path, worker: bool) -> None:  # noqa: FBT001 - a parameter
    """P1: 200 means on disk."""
    states, random = EvidenceState(), np.random.Generator(np.random.PCG64(1))
    for _ in range(ROUNDS):
        kill(shop, states, after=random.uniform(0.05, 1.5), worker=worker)
        check(states, shop)
    assert len(states.acknowledged) > 20 * ROUNDS
    said = "with a worker" if worker else "alone"
    tell(f"F1 killed {ROUNDS} times {said}: 0 of {len(states.acknowledged)} acknowledged events lost")


@pytest.mark.promise("P1")
def test_acknowledging_what_is_only_queued_is_caught(shop: Path) -> None:
    """C2: a service that answers before the commit loses events, and this suite notices."""
    states = EvidenceState()
    kill(shop, states, after=0.7, sabotage="early")
    faults = faults_in(states.history, recorded(shop))
    assert any("acknowledged, and lost" in fault for fault in faults)
    tell(f"C2 acknowledged on enqueue, killed once: {'; '.join(faults)}")
