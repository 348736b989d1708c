"""A shop that is served, for clients of other products."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from service.running import KEY, Running, personas, serving
from service.shop import write_shop


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A workspace that has published once, with a key, served to all clients: each is a customer of its own."""
    folder = write_shop(tmp_path_factory.mktemp("clients") / "shop")
    subprocess.run(personas("run", "--workspace", str(folder)), check=True)
    subprocess.run(personas("keys", "create", "secret", "--value", KEY, "--workspace", str(folder)), check=True)
    with serving(folder) as found:
        yield found
