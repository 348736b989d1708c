"""A shop that is served, for clients of other products."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.running import KEY, Running, personas, serving
from service.shop import write_shop


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A workspace that has published once, with a key."""
    folder = write_shop(tmp_path / "shop")
    subprocess.run(personas("run", "--workspace", str(folder)), check=True)
    subprocess.run(personas("keys", "create", "secret", "--value", KEY, "--workspace", str(folder)), check=True)
    return folder


@pytest.fixture
def running(shop: Path) -> Iterator[Running]:
    """The shop, served."""
    with serving(shop) as found:
        yield found
