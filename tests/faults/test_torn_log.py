"""F6: behind the last commit of the log lies what a dying disk leaves there."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from faults.books import EvidenceState, check, client_of, new_ids, send, sending
from faults.log import read_log
from faults.shop import LONG, open_shop
from figures import tell
from service.running import serving

pytestmark = pytest.mark.faults

SECTOR = 512
TORN: dict[str, Callable[[bytes], bytes]] = {
    "random bytes": lambda frame: np.random.Generator(np.random.PCG64(3)).bytes(3 * len(frame) + 7),
    "zeros": lambda frame: bytes(2 * len(frame)),
    "a frame cut at a sector": lambda frame: frame[: 3 * SECTOR],
    "a frame with an old page in it": lambda frame: frame[:SECTOR] + bytes(len(frame) - SECTOR),
    "a frame of an earlier log": lambda frame: frame[:8] + bytes(8) + frame[16:],
    "a frame with one bit turned": lambda frame: frame[:-1] + bytes([frame[-1] ^ 1]),
}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, EvidenceState]:
    """A workspace whose service was killed while it recorded, and what its clients know."""
    folder, states = open_shop(tmp_path_factory.mktemp("killed") / "shop"), EvidenceState()
    with serving(folder) as running, sending(states, running):
        time.sleep(0.7)
        os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()
    return folder, states


@pytest.mark.parametrize("what", list(TORN) if LONG else list(TORN)[2:4])
def test_a_torn_log_costs_nothing_that_was_acknowledged(
    killed: tuple[Path, EvidenceState], tmp_path: Path, what: str
) -> None:
    """P1 and P9: it starts in less than 10 seconds, without help, and everything is there."""
    folder, states = shutil.copytree(killed[0], tmp_path / "shop"), EvidenceState(history=[*killed[1].history])
    log = read_log(folder / ".living" / "state.db")
    log.end_with(TORN[what](log.frame))
    began = time.monotonic()
    with serving(folder) as running, client_of(running.url) as client:
        took = time.monotonic() - began
        assert send(states, client, new_ids()).outcome == "acknowledged"
    assert took < 10
    check(states, folder)
    tell(f"F6 {what} behind the last commit: started in {took:.1f} s; 0 of {len(states.acknowledged)} lost")
