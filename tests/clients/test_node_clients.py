"""Unmodified Node clients against the service: installed from the lock by the test, skipped loudly without npm."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import httpx
import pytest

from clients.conftest import SECONDS
from clients.flaky import Failure, flaky
from listening import Quiet, answering
from living_personas.wiring import system_clock
from service.running import KEY, Running, publish_next

pytestmark = pytest.mark.slow

COUNT = 23
HEADERS = {"Authorization": f"Bearer {KEY}"}


def run(folder: Path, script: str, *arguments: str) -> str:
    """What a script prints."""
    environment = {**os.environ, "NODE_ENV": "test"}
    done = subprocess.run(
        ["node", script, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment,
    )
    return done.stdout


@pytest.mark.parametrize("failure", [None, "500", "429", "lost"])
@pytest.mark.parametrize("client", ["segment", "rudderstack", "posthog"])
def test_every_event_is_stored_exactly_once(running: Running, node: Path, client: str, failure: Failure | None) -> None:
    customer = f"node-{client}-{failure}"
    with flaky(running.address, failure=failure or "500", times=2 if failure else 0) as between:
        run(node, "send.mjs", client, between.url, KEY, str(COUNT), customer)
        assert between.failed == (2 if failure else 0)
    assert sorted(said["n"] for said in running.said("Counted", customer)) == list(range(COUNT))
    assert [said["plan"] for said in running.said("identify", customer)] == ["pro"]


@pytest.mark.parametrize("side", ["server", "web"])
def test_a_decision_comes_through_openfeature_with_its_metadata(running: Running, node: Path, side: str) -> None:
    found: dict[str, Any] = json.loads(run(node, "evaluate.mjs", side, running.url, KEY, "ada", "framing"))
    assert found["value"] in ("discount", "quality")
    metadata = found["flagMetadata"]
    assert metadata["persona"] == "saver"
    assert 0 < metadata["propensity"] <= 1
    assert {"persona", "persona_version", "decision_id", "holdout", "token"} <= set(metadata)


@contextmanager
def following(folder: Path, *arguments: str) -> Iterator[Callable[..., dict[str, Any]]]:
    """A script that runs until the block ends; what it is told is answered by its next line."""
    process = subprocess.Popen(
        ["node", "follow.mjs", *arguments],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "NODE_ENV": "test"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told, lines = process.stdin, process.stdout
    watchdog = threading.Timer(SECONDS / 5, process.kill)
    watchdog.start()

    def say(line: str = "") -> dict[str, Any]:
        if line:
            told.write(f"{line}\n")
            told.flush()
        found: dict[str, Any] = json.loads(lines.readline())
        return found

    try:
        yield say
        told.close()
        process.wait(30)
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        told.close()
        lines.close()


@contextmanager
def copied_to(folder: Path) -> Iterator[str]:
    """A folder that is served without keys, as a CDN does."""
    with answering(ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder)))) as address:
        yield address


class Silent(Quiet, SimpleHTTPRequestHandler):
    """Serves files, and prints nothing of it."""


def snapshot_of(running: Running) -> bytes:
    return httpx.get(f"{running.url}/v1/snapshot", headers=HEADERS).content


@pytest.mark.parametrize("side", ["server", "web", "ofrep"])
def test_a_new_snapshot_is_followed_within_a_second(running: Running, node: Path, tmp_path: Path, side: str) -> None:
    """By our providers and by OFREP's own, which are told of it; ours say what OFREP's say, and exposures count."""
    copy = tmp_path / "snapshot.json"
    copy.write_bytes(snapshot_of(running))
    with copied_to(tmp_path) as cdn, following(node, side, running.url, KEY, f"{cdn}/snapshot.json") as say:
        before = say()["ready"]
        if side != "ofrep":
            assert say("compare")["equal"] == 200
            exposed = len(running.exposures())
            assert say("expose") == {"at": ANY, "exposed": True}
            assert len(running.exposures()) == exposed + 1
        publish_next(running.folder)
        began = system_clock().timestamp()
        while httpx.get(f"{running.url}/v1/snapshot", headers=HEADERS).json()["number"] == before:
            time.sleep(0.05)
        copy.write_bytes(snapshot_of(running))
        changed = say()
        assert changed["changed"] == before + 1
        waited = changed["at"] / 1000 - began
        print(f"{side}: follows {waited:.2f} s after the snapshot was published")
        assert waited < 2
