"""A shop that is served, for clients of other products."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.test_vectors import STATIC
from faults.shop import open_shop
from service.running import Running, serving

HERE = Path(__file__).parent / "node"
SECONDS = 300


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A workspace that has published once, with a key, served to all clients: each is a customer of its own."""
    with serving(open_shop(tmp_path_factory.mktemp("clients") / "shop")) as found:
        yield found


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the clients installed."""
    if not shutil.which("npm"):
        pytest.skip("NOT RUN: there is no npm here, and the Node clients are installed with it")
    folder = tmp_path_factory.mktemp("node")
    for file in (*HERE.glob("*.*"), *STATIC.glob("*.mjs")):
        shutil.copy(file, folder)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=SECONDS)
    return folder
