"""The real process: it says 200 only for what is on disk, stops when told, and stops by itself when the disk fails."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from living_personas.cli import app
from living_personas.domain.event import Event
from living_personas.errors import InvalidSettingsError
from living_personas.loop.recording.record import record
from living_personas.people.keys import create_key
from living_personas.wiring import open_context
from service.running import serving, wait_for
from service.shop import NOON, Hands, track, write_shop

KEY = "sk_of_the_process"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = write_shop(tmp_path / "shop")
    _, context = open_context(root, clock=Hands())
    create_key(context, "secret", KEY, now=NOON)
    context.store.close()
    return root


def _wait_until(reached: Callable[[], bool]) -> None:
    for _ in range(6_000):
        if reached():
            return
        time.sleep(0.01)
    raise AssertionError("nothing is acknowledged")


def send(address: str, ledger: list[str], *, most: int, prefix: str) -> None:
    """Send events one by one, and note each that was acknowledged, until the service is gone."""
    with httpx.Client(headers={"Authorization": f"Bearer {KEY}"}) as client:
        for number in range(most):
            try:
                answer = client.post(f"{address}/v1/batch", json={"batch": [track(f"{prefix}-{number}")]})
            except httpx.TransportError:
                return
            if answer.status_code == 200:
                ledger.append(f"{prefix}-{number}")


def stored_again(folder: Path, ids: list[str]) -> int:
    """How many of these the store does not know."""
    _, context = open_context(folder, clock=Hands())
    found = [Event(message_id=each, customer="u", name="Seen", time=NOON) for each in ids]
    receipt = record(context, found, received=NOON).receipt
    context.store.close()
    return receipt.stored


@pytest.mark.parametrize("words", [(), ("--processes", "2")])
def test_a_new_workspace_decides_as_soon_as_it_is_served(folder: Path, words: tuple[str, ...]) -> None:
    with serving(folder, worker=True, words=words) as service:
        told = {"Authorization": f"Bearer {KEY}"}
        assert httpx.post(f"{service.url}/v1/decide", json={"customer": "u1"}, headers=told).status_code == 200


def test_without_a_worker_it_is_said_what_publishes(folder: Path) -> None:
    with serving(folder) as service:
        answer = httpx.post(
            f"{service.url}/v1/decide", json={"customer": "u1"}, headers={"Authorization": f"Bearer {KEY}"}
        )
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"] == "Nothing has been published yet."
    assert "store" not in answer.json()["title"]
    assert "run `personas run` once" in answer.json()["hint"]


@pytest.mark.long
@pytest.mark.promise("P1")
def test_kill_9_loses_nothing_that_was_acknowledged(folder: Path) -> None:
    ledgers: list[list[str]] = [[] for _ in range(4)]
    with serving(folder) as service:
        senders = [
            threading.Thread(target=send, args=(service.url, ledger), kwargs={"most": 5_000, "prefix": f"s{number}"})
            for number, ledger in enumerate(ledgers)
        ]
        for sender in senders:
            sender.start()
        _wait_until(lambda: sum(map(len, ledgers)) > 100)
        os.killpg(service.process.pid, signal.SIGKILL)
        for sender in senders:
            sender.join()
    acknowledged = [id_ for ledger in ledgers for id_ in ledger]
    assert len(acknowledged) > 20
    assert stored_again(folder, acknowledged) == 0


@pytest.mark.long
def test_it_stops_when_it_is_told_and_answers_what_it_took(folder: Path) -> None:
    ledger: list[str] = []
    with serving(folder, worker=True) as service:
        wait_for(f"{service.url}/readyz", service.process)  # its worker has published
        sender = threading.Thread(target=send, args=(service.url, ledger), kwargs={"most": 5_000, "prefix": "s"})
        sender.start()
        _wait_until(lambda: len(ledger) > 20)
        service.process.send_signal(signal.SIGTERM)
        sender.join()
        assert service.process.wait(60) == 0
    assert ledger
    assert stored_again(folder, ledger) == 0


def _can_trace() -> bool:
    strace = shutil.which("strace")
    if strace is None:
        return False
    tried = subprocess.run([strace, "-qq", "true"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.promise("P8")
@pytest.mark.slow
@pytest.mark.skipif(not _can_trace(), reason="strace is not installed, or may not trace here")
def test_a_failed_fsync_stops_the_process(folder: Path) -> None:
    """P8: nothing is acknowledged after it, and the process ends with an error."""
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fdatasync,fsync:error=EIO:when=60+"]
    ledger: list[str] = []
    with serving(folder, before=inject) as service:
        send(service.url, ledger, most=400, prefix="s")
        assert service.process.wait(60) == 1
    assert 0 < len(ledger) < 400
    assert stored_again(folder, ledger) == 0


def test_a_first_key_is_made_on_this_machine_only(tmp_path: Path) -> None:
    root = write_shop(tmp_path / "shop")
    with pytest.raises(InvalidSettingsError, match="no key") as refused:
        app(["serve", "--host", "0.0.0.0", "--workspace", str(root)])  # noqa: S104 - that is what is refused
    assert "personas keys create" in refused.value.hint
