"""Unmodified Node clients against the service: installed from the lock by the test, skipped loudly without npm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clients.flaky import Failure, flaky
from service.running import KEY, Running

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "node"
COUNT = 23
SECONDS = 300


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the clients installed."""
    if not shutil.which("npm"):
        pytest.skip("NOT RUN: there is no npm here, and the Node clients are installed with it")
    folder = tmp_path_factory.mktemp("node")
    for file in HERE.glob("*.*"):
        shutil.copy(file, folder)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=SECONDS)
    return folder


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
