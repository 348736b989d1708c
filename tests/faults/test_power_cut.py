"""F2: the power goes, and with it whatever was not synced."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from faults.books import EvidenceState, check, faults_in, recorded, sending
from faults.disk import PowerDisk, power_disk
from faults.shop import ROUNDS, open_shop
from figures import tell
from service.running import serving

pytestmark = pytest.mark.faults

CONTROL_ROUNDS = 10
"""A cut right after SQLite's own checkpoint loses nothing: several cuts, then."""


def cut(disk: PowerDisk, folder: Path, state: EvidenceState, *, after: float, sabotage: str = "") -> None:
    """Serve, be sent events, lose power, and get it back.

    Only the disk stops here: a sync that was under way may still report success (ext4 on Linux 6.18 does), and the
    service, which no power cut would have left running, answers. Such answers are not counted as given.
    """
    with serving(folder, sabotage=sabotage) as running:
        with sending(state, running):
            time.sleep(after)
            moment = disk.cut()
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()
        state.forget_answers(after=moment)
    disk.unmount()
    disk.mount()


@pytest.mark.promise("P1")
def test_what_was_acknowledged_survives_a_power_cut(tmp_path: Path) -> None:
    """P1: 200 means on disk, and not in memory that the disk will be given later."""
    states, random = EvidenceState(), np.random.Generator(np.random.PCG64(2))
    with power_disk(tmp_path) as disk:
        folder = open_shop(disk.mounted / "shop")
        os.sync()
        for _ in range(2 * ROUNDS):
            cut(disk, folder, states, after=random.uniform(0.2, 1.2))
            check(states, folder)
            os.sync()
    assert len(states.acknowledged) > 40 * ROUNDS
    tell(f"F2 cut from power {2 * ROUNDS} times: 0 of {len(states.acknowledged)} acknowledged events lost")


@pytest.mark.promise("P1")
def test_a_log_that_is_not_synced_is_caught(tmp_path: Path) -> None:
    """C1: with `synchronous = NORMAL` the power takes what was acknowledged, and a few cuts are enough to see it."""
    states = EvidenceState()
    with power_disk(tmp_path) as disk:
        folder = open_shop(disk.mounted / "shop")
        os.sync()
        cuts, faults = 0, list[str]()
        while cuts < CONTROL_ROUNDS and not faults:
            cut(disk, folder, states, after=1.0, sabotage="normal")
            cuts, faults = cuts + 1, list(faults_in(states.history, recorded(folder)))
    assert any("acknowledged, and lost" in fault for fault in faults)
    tell(f"C1 synchronous = NORMAL, caught at cut {cuts}: {'; '.join(faults)}")
