"""F4 and F5: the disk fails to sync, or takes its time; and more comes than can be recorded."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from faults.books import EvidenceState, check, client_of, sending
from faults.shop import LONG
from faults.trace import injected
from figures import tell
from service.running import Running, serving

pytestmark = pytest.mark.faults

MEBIBYTE = 1 << 20
SLOW_MICROSECONDS = 1_000_000
"""How long a sync takes on the slow disk: it takes at most 2,000 events a second, for no more are recorded at once."""


@pytest.mark.promise("P8")
def test_a_failed_sync_stops_the_process(shop: Path, tmp_path: Path) -> None:
    """P8: nothing that was sent after it is acknowledged, and the process ends by itself with exit code 1."""
    states, log = EvidenceState(), tmp_path / "calls"
    offset = time.time() - time.monotonic()  # noqa: TID251 - strace tells the time of day
    with (
        serving(shop, before=injected("fdatasync,fsync:error=EIO:when=40+", log=str(log))) as running,
        sending(states, running),
    ):
        assert running.process.wait(60) == 1
    failed = min(_moment(line) for line in log.read_text().splitlines() if "EIO" in line) - offset
    after = [each for each in states.history if each.began > failed]
    assert states.acknowledged
    assert not [each for each in after if each.outcome == "acknowledged"]
    check(states, shop)
    tell(f"F4 EIO on fsync: exit code 1; 0 of {len(after)} later requests taken; {len(states.acknowledged)} kept")


@pytest.mark.promise("P6")
def test_more_than_a_slow_disk_can_take_is_refused(shop: Path) -> None:
    """P6: at five times the capacity there are 429s with a time to come back, memory is bounded, nothing is lost."""
    states, seconds, began = EvidenceState(), 60 if LONG else 8, time.monotonic()
    with serving(shop, before=injected(f"fdatasync:delay_enter={SLOW_MICROSECONDS}")) as running:
        before = _memory(running)
        with sending(states, running, threads=16, batch=2000, patience=1, timeout=120):
            peak = max(_watched(running, seconds))
        taken = len(states.acknowledged) / (time.monotonic() - began)
        with client_of(running.url, timeout=60) as client:
            assert client.get("/readyz").status_code == 200
    check(states, shop)
    refused = [each for each in states.history if each.outcome != "acknowledged"]
    assert {each.status for each in refused} <= {429, 503}
    assert all(each.retry_after for each in refused)
    offered, growth = sum(len(each.ids) for each in states.history) / seconds, (peak - before) / MEBIBYTE
    assert offered >= 5 * taken
    assert growth < 200
    tell(
        f"F5 slow disk, {offered:.0f} events a second offered and {taken:.0f} taken for {seconds} s: {len(refused)} "
        f"refused with Retry-After, memory grew by {growth:.0f} MiB, 0 of {len(states.acknowledged)} acknowledged lost"
    )


def _watched(running: Running, seconds: float) -> list[int]:
    """The memory of the service, ten times a second."""
    found = []
    for _ in range(round(seconds * 10)):
        found.append(_memory(running))
        time.sleep(0.1)
    return found


def _memory(running: Running) -> int:
    """Resident bytes."""
    [line] = [line for line in Path(f"/proc/{running.process.pid}/status").read_text().splitlines() if "VmRSS" in line]
    return int(line.split()[1]) << 10


def _moment(line: str) -> float:
    """When a call was made: the second word of a line of strace's log."""
    return float(line.split()[1])
