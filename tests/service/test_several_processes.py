"""Several processes on one port: any of them answers, one that is killed is started again, all end together."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from faults.books import EvidenceState, check, client_of, sending
from faults.shop import open_shop
from processes import children, runs
from service.running import personas, serving

pytestmark = pytest.mark.long


def test_they_share_a_port_and_one_that_is_killed_is_started_again_and_nothing_is_lost(tmp_path: Path) -> None:
    folder, state = open_shop(tmp_path / "shop"), EvidenceState()
    with serving(folder, words=("--processes", "2")) as several:
        started = _until(lambda: children(several.process.pid), lambda found: len(found) == 2)
        _until_both_answer(several.url)
        with sending(state, several, threads=2, patience=0.01):
            time.sleep(0.5)
            os.kill(started[0], signal.SIGKILL)
            again = _until(lambda: children(several.process.pid), lambda found: len({*found} - {*started}) == 1)
        _until_both_answer(several.url)
        assert started[1] in again
        several.process.terminate()
        assert several.process.wait(60) == 0
        assert not any(Path(f"/proc/{each}").exists() for each in again)
    check(state, folder)
    assert len(state.acknowledged) > 100


def test_they_end_with_who_started_them(tmp_path: Path) -> None:
    with serving(open_shop(tmp_path / "shop"), worker=True, words=("--workers", "2")) as several:
        started = _until(lambda: children(several.process.pid), lambda found: len(found) == 3)
        several.process.kill()
        _until(lambda: [each for each in started if runs(each)], lambda left: not left)


def test_what_cannot_begin_is_not_begun_again_and_again(tmp_path: Path) -> None:
    """A secret that the service refuses: with one process it does not start, nor with two."""
    folder = open_shop(tmp_path / "shop")
    words = personas("serve", "--no-worker", "--processes", "2", "--port", "0", "--workspace", str(folder))
    done = subprocess.run(
        words, env={**os.environ, "LIVING_PERSONAS_IDENTITY_SECRET": "x"}, capture_output=True, timeout=90, check=False
    )
    assert done.returncode == 1
    assert b"gave up" in done.stderr


def _who_answers(url: str) -> set[str]:
    """Which process answers a request for numbers, on a new connection."""
    with suppress(httpx.TransportError), client_of(url) as client:
        found = re.search(r'living_personas_events_received_total\{process="(\d+)"\}', client.get("/metrics").text)
        return {found[1]} if found else set()
    return set()


def _until_both_answer(url: str) -> None:
    met: set[str] = set()
    until = time.monotonic() + 60
    while met != {"1", "2"}:
        met |= _who_answers(url)
        assert time.monotonic() < until, met


def _until(look: Callable[[], list[int]], enough: Callable[[list[int]], bool], *, seconds: float = 60.0) -> list[int]:
    until = time.monotonic() + seconds
    while not enough(found := look()):
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found
